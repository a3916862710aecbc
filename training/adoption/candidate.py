"""A model source and the schema -> the files of a version, and the model that they load as."""

import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from contract.errors import BadSetting
from contract.model.estimator import check_signature, load_skops
from contract.model.formats import FORMATS
from contract.model.loading import native_predictor
from contract.model.manifest import MANIFEST_FILE, Manifest
from contract.model.predictor import LibraryPredictor, SklearnModel
from contract.registry import MODEL_FILE
from contract.schema import Schema
from contract.settings import Settings, schema_of
from training.adoption.mapping import map_classes, map_inputs
from training.adoption.request import MappingOptions
from training.adoption.source import MLMODEL, SKOPS, ModelSource

_CANDIDATE = "the model"


@dataclass(frozen=True)
class AdoptedModel:
    """A model whose files are complete but for the example.

    Attributes:
        format: Name of its format.
        library: The library and its version, as in `lightgbm 4.6.0`.
        predictor: The loaded model.
        sha256: Digest to record in the registry.
    """

    format: str
    library: str
    predictor: LibraryPredictor
    sha256: str


def write_version(
    settings: Settings, source: ModelSource, options: MappingOptions, folder: Path
) -> AdoptedModel:
    """Writes the files of a version into a folder, and loads the model.

    Raises:
        BadSetting: The file leaves open how columns become its features; the error says what to
            give.
        ModelRejected: The file does not load, or does not match the schema.
    """
    schema = schema_of(settings)
    if source.format != SKOPS:
        return _write_native(source, source.file.read_bytes(), options, schema, folder)
    estimator = load_skops(_CANDIDATE, source.file, settings.trusted_types)
    booster = getattr(estimator, "booster_", None)
    if booster is not None:  # LightGBM's scikit-learn interface, which would need a DataFrame
        text = booster.model_to_string().encode()
        named = () if schema.task.numeric else map(str, estimator.classes_.tolist())
        classes = options.classes or tuple(named)
        options = msgspec.structs.replace(options, classes=classes)
        native = ModelSource(source.location, "lightgbm", source.file.with_suffix(".lgb"))
        return _write_native(native, text, options, schema, folder)
    check_signature(_CANDIDATE, estimator, schema)
    content = source.file.read_bytes()
    (folder / MODEL_FILE).write_bytes(content)
    _copy_mlmodel(source, folder)
    import sklearn  # noqa: PLC0415  takes seconds

    library = f"scikit-learn {sklearn.__version__}"
    return AdoptedModel(
        SKOPS, library, SklearnModel(estimator, schema), sha256(content).hexdigest()
    )


def _write_native(
    source: ModelSource, content: bytes, options: MappingOptions, schema: Schema, folder: Path
) -> AdoptedModel:
    chosen, file = FORMATS[source.format], source.file.name
    model = chosen.load(content)
    if not options.features and len(source.features) == model.width:
        options = msgspec.structs.replace(options, features=source.features)
    if file == MANIFEST_FILE:
        raise BadSetting(f"{source.location}: rename it, {MANIFEST_FILE} is the manifest's name")
    inputs = map_inputs(model, schema, options)
    manifest = Manifest(
        chosen.name,
        file,
        sha256(content).hexdigest(),
        str(chosen.installed_version()),
        inputs,
        map_classes(model, inputs, schema, options),
    )
    predictor = native_predictor(model, manifest, schema)
    text: Any = msgspec.json.format(msgspec.json.encode(manifest))
    (folder / file).write_bytes(content)
    (folder / MANIFEST_FILE).write_bytes(text)
    _copy_mlmodel(source, folder)
    library = f"{chosen.name} {manifest.library}"
    return AdoptedModel(chosen.name, library, predictor, sha256(text).hexdigest())


def _copy_mlmodel(source: ModelSource, folder: Path) -> None:
    """Keeps MLflow's description, with which `mlflow.MODULE.load_model` loads the version too."""
    if source.mlmodel is not None and source.mlmodel.parent / source.file.name == source.file:
        shutil.copyfile(source.mlmodel, folder / MLMODEL)
