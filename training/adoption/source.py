"""Reads the model to adopt: a file, a folder that MLflow saved, a run's model or a version."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import mlflow
from mlflow.artifacts import download_artifacts
from mlflow.models import Model

from contract.errors import BadSetting, ModelUnavailable, first_line
from contract.model.formats import FORMATS
from contract.proxies import proxy_hint
from contract.settings import Settings

SKOPS: Final = "skops"
SKOPS_SUFFIX: Final = ".skops"

MLFLOW_SCHEMES: Final = ("runs:/", "models:/", "mlflow-artifacts:/")
MLMODEL: Final = "MLmodel"

_DATA_KEYS: Final = ("data", "pickled_model")
"""Keys of the model file in a flavor's configuration."""


@dataclass(frozen=True)
class ModelSource:
    """A model file to adopt.

    Attributes:
        location: What the user gave.
        format: `skops`, or a name in `contract.model.formats.FORMATS`.
        file: Path of the model file on this machine.
        mlmodel: MLflow's description beside it; None if there is none.
        features: Names of the inputs in MLflow's signature; empty without one.
    """

    location: str
    format: str
    file: Path
    mlmodel: Path | None = None
    features: tuple[str, ...] = ()


@contextmanager
def open_source(settings: Settings, location: str) -> Iterator[ModelSource]:
    """Yields the model at a location, downloaded for the time of the block.

    Raises:
        BadSetting: There is no such file, or its format is none that is loaded without running
            code.
        ModelUnavailable: The registry does not return it.
    """
    if location.startswith(MLFLOW_SCHEMES):
        with TemporaryDirectory() as folder:
            yield _of_mlflow(location, _download(settings, location, folder))
        return
    path = Path(location)
    if (path / MLMODEL).is_file():
        yield _of_mlflow(location, path)
    elif path.is_file():
        yield ModelSource(location, _format_of(path, location), path)
    else:
        raise BadSetting(
            f"{location} is neither a model file nor a folder that MLflow saved: check the path, "
            "or give runs:/RUN/NAME or models:/NAME/VERSION"
        )


def _download(settings: Settings, location: str, folder: str) -> Path:
    mlflow.set_tracking_uri(settings.registry_uri)  # of a model's registry too
    try:
        return Path(download_artifacts(location, dst_path=folder))
    except Exception as failure:  # artifact stores raise errors of many libraries
        raise ModelUnavailable(
            f"{location} cannot be read from the registry {settings.registry_uri} "
            f"({first_line(failure)}{proxy_hint(settings.registry_uri)}): check the name, and "
            "INTENT_MLFLOW_URI"
        ) from failure


def _of_mlflow(location: str, folder: Path) -> ModelSource:
    flavors, names = _read_mlmodel(location, folder / MLMODEL)
    for name, flavor in flavors.items():
        data = next((flavor[key] for key in _DATA_KEYS if key in flavor), None)
        if data is not None and name in (*FORMATS, "sklearn"):
            file = folder / str(data)
            if not file.exists():
                raise ModelUnavailable(f"{location} is incomplete: {file} is missing")
            return ModelSource(
                location, _format_of(file, location, name), file, folder / MLMODEL, names
            )
    raise BadSetting(
        f"{location} has the MLflow flavors {', '.join(sorted(flavors))}: loading them runs code "
        "of the model, which a scorer never does; save the model as skops, "
        f"{', '.join(FORMATS)} instead"
    )


def _read_mlmodel(
    location: str, file: Path
) -> tuple[Mapping[str, Mapping[str, Any]], tuple[str, ...]]:
    """The flavors, and the names of the inputs if it has them."""
    try:
        model = Model.load(str(file))
        inputs = model.signature.inputs if model.signature else None
        names = inputs.input_names() if inputs and inputs.has_input_names() else ()
        return {name: dict(flavor) for name, flavor in model.flavors.items()}, tuple(names)
    except Exception as failure:  # YAML's errors, and whatever its values make MLflow do
        raise ModelUnavailable(
            f"{location} is damaged: MLflow cannot read {file} ({first_line(failure)}); save the "
            "model again"
        ) from failure


def _format_of(file: Path, location: str, flavor: str = "") -> str:
    suffix = file.suffix.lower()
    if suffix == SKOPS_SUFFIX:
        return SKOPS
    if suffix in (".pkl", ".pickle", ".joblib"):
        raise BadSetting(
            f"{location} is a pickle, which runs code when it is loaded: save the model with "
            "serialization_format='skops', or as xgboost, lightgbm, catboost or onnx"
        )
    if flavor in FORMATS:
        return flavor
    for each in FORMATS.values():
        if suffix in each.suffixes:
            return each.name
    suffixes = ", ".join(end for each in FORMATS.values() for end in each.suffixes)
    raise BadSetting(f"{location} has none of the endings {SKOPS_SUFFIX}, {suffixes}")
