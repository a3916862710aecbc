"""Loads a registered model after the scorer's checks: no alias is set without them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

# Imported in full, before `contract.model` imports it with a shorter list of trusted types: in this
# process MLflow loads models too, with the types that skops trusts by default.
import numpy as np
import pandas as pd
import skops.io  # noqa: F401
from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable, first_line
from contract.model.checks import recorded_digest
from contract.model.loading import load_checked_model
from contract.model.predictor import LibraryPredictor, SklearnModel
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import is_access_denied, registry_denied
from contract.schema import Schema
from contract.schema.features import FeatureArrays
from contract.schema.task import DecisionRule, Floats
from contract.settings import Settings, schema_of
from training.registry_client import DOES_NOT_EXIST, registry_client


class NativeEstimator:
    """A model in its library's format behind scikit-learn's interface.

    Attributes:
        predictor: The model.
        classes_: The classes, in the order of the columns of `predict_proba`.
    """

    def __init__(self, predictor: LibraryPredictor, schema: Schema) -> None:
        self.predictor: Final = predictor
        self.classes_: Final = np.array(schema.target.classes)
        self._schema = schema

    def predict(self, rows: pd.DataFrame) -> Floats:
        """Numbers of rows of the schema's inputs, shape (n,), if the target is numeric."""
        return self.predictor.outputs(input_arrays(rows, self._schema))

    def predict_proba(self, rows: pd.DataFrame) -> Floats:
        """Probabilities of rows of the schema's inputs, shape (n, classes)."""
        return self.predictor.all_outputs(input_arrays(rows, self._schema))


def input_arrays(rows: pd.DataFrame, schema: Schema) -> FeatureArrays:
    """The arrays of rows that have the schema's inputs, as `arrays_to_frame` makes them."""
    return tuple(
        rows[each.name].to_numpy(np.float64)
        if each.numerical
        else pd.Categorical(rows[each.name], each.categories).codes.astype(np.intp)
        for each in schema.inputs
    )


def load_model(settings: Settings, version: str) -> Any:
    """Loads the model of a registered version as a fitted scikit-learn estimator.

    Raises:
        ModelRejected: workers would reject the version.
        ModelUnavailable: the registry or the artifact store does not answer.
    """
    return load_model_with_rule(settings, version)[0]


def load_model_with_rule(settings: Settings, version: str) -> tuple[Any, DecisionRule]:
    """The same, and how the version's outputs become predictions."""
    with registry_client(settings) as client:
        return load_model_with(client, settings, version)


def load_model_with(
    client: MlflowClient, settings: Settings, version: str
) -> tuple[Any, DecisionRule]:
    """The same inside a block of `registry_client`, which translates the client's errors."""
    name = settings.model_name
    tags = client.get_model_version(name, version).tags
    uri = client.get_model_version_download_uri(name, version)
    with TemporaryDirectory() as folder:
        entry = ModelVersion.from_tags(version, tags)
        recorded_digest(entry, name)
        artifacts = _download(settings, version, uri, folder)
        predictor = load_checked_model(entry, artifacts, settings).predictor
    if isinstance(predictor, SklearnModel):
        return predictor.estimator, entry.rule
    return NativeEstimator(predictor, schema_of(settings)), entry.rule


def _download(settings: Settings, version: str, uri: str, folder: str) -> Path:
    try:
        return Path(download_artifacts(uri, dst_path=folder, tracking_uri=settings.registry_uri))
    except Exception as failure:  # artifact stores raise errors of many libraries
        if is_access_denied(failure):
            raise registry_denied(settings, first_line(failure)) from failure
        if _is_missing(failure):
            raise ModelRejected(
                ModelRejectionReason.UNAVAILABLE,
                f"version {version} has no artifacts at {uri} ({first_line(failure)}): restore "
                "them, or train a version with `intent train`",
            ) from failure
        raise ModelUnavailable(
            f"version {version} of {settings.model_name} cannot be downloaded "
            f"({first_line(failure)}): check that the artifact store is running"
        ) from failure


def _is_missing(failure: Exception) -> bool:
    response = getattr(failure, "response", None)
    return (
        isinstance(failure, FileNotFoundError)
        or getattr(failure, "error_code", None) == DOES_NOT_EXIST
        or getattr(response, "status_code", None) == 404
    )
