"""Loads the model of a version, in whatever format, and checks it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from contract.events import CustomerRecord
from contract.model.checks import changed_file, check_digest, check_example, load_example
from contract.model.formats import format_of_manifest
from contract.model.manifest import MANIFEST_FILE, Manifest
from contract.model.predictor import LibraryPredictor, NativeModel, SklearnModel, predictor_of
from contract.model.verification import verify
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import MODEL_FILE
from contract.schema import Schema
from contract.schema.task import Floats
from contract.settings import Settings, schema_of


@dataclass(frozen=True)
class CheckedModel:
    """A model that passed every check.

    Attributes:
        predictor: The model.
        row_microseconds: Processor time of a row in a batch of 1,000.
    """

    predictor: LibraryPredictor
    row_microseconds: float


def load_checked_model(version: ModelVersion, folder: Path, settings: Settings) -> CheckedModel:
    """Loads the model of a version that a scorer may serve.

    The checks, in order: the digest; the types or the library; columns and classes; whether it
    gives valid outputs, and its time; the example.

    Raises:
        ModelRejected: A check failed.
    """
    check_digest(version, folder)
    schema = schema_of(settings)
    predictor = load_predictor(version, folder, settings)
    microseconds = verify(
        f"version {version.number}", predictor, schema, settings.model_max_row_microseconds
    )

    def score(records: Sequence[CustomerRecord]) -> Floats:
        return predictor.outputs(schema.encoder.to_arrays(records))

    check_example(version, load_example(version, folder, schema), score, schema)
    return CheckedModel(predictor, microseconds)


def load_predictor(version: ModelVersion, folder: Path, settings: Settings) -> LibraryPredictor:
    """Loads the model of a version, whose digest was checked.

    Raises:
        ModelRejected: It does not load here, or does not match the schema.
    """
    schema = schema_of(settings)
    if (folder / MANIFEST_FILE).is_file():
        return _load_native(version, folder, schema)
    from contract.model.estimator import load_estimator  # noqa: PLC0415  imports scikit-learn

    trusted = settings.trusted_types
    estimator = load_estimator(version.number, folder / MODEL_FILE, schema, trusted)
    return SklearnModel(estimator, schema)


def _load_native(version: ModelVersion, folder: Path, schema: Schema) -> LibraryPredictor:
    try:
        manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=Manifest)
        content = (folder / Path(manifest.file).name).read_bytes()
    except (OSError, msgspec.MsgspecError) as failure:
        raise ModelRejected(
            ModelRejectionReason.LOAD,
            f"version {version.number} does not load: its files cannot be read ({failure}): "
            "restore them, or promote another version",
        ) from None
    actual = sha256(content).hexdigest()
    if actual != manifest.sha256:
        raise changed_file(version, actual, manifest.sha256)
    try:
        model = format_of_manifest(manifest).load(content)
        return native_predictor(model, manifest, schema)
    except ModelRejected as rejected:
        message = f"version {version.number} cannot be served: {rejected}"
        raise ModelRejected(rejected.reason, message) from rejected.__cause__


def native_predictor(model: NativeModel, manifest: Manifest, schema: Schema) -> LibraryPredictor:
    """A loaded model behind the schema's columns and classes.

    Raises:
        ModelRejected: The schema lacks a column, category or class of the manifest, or the model
            has other features than it.
    """
    columns = {column.name: column for column in schema.inputs}
    for one in manifest.inputs:
        column = columns.get(one.column)
        if column is None:
            raise _mismatch(f"it needs the column {one.column}, which the schema does not have")
        if (one.kind == "number") != column.numerical:
            kind = "numbers" if column.numerical else "categories"
            raise _mismatch(f"in the schema the column {one.column} has {kind}")
        if one.kind == "one_hot" and one.categories[0] not in column.categories:
            raise _mismatch(f"in the schema {one.column} has no category {one.categories[0]}")
        if column.nullable and one.feature in model.required:
            raise _mismatch(
                f"{one.column} is nullable in the schema, and the model's feature {one.feature} "
                "cannot be missing"
            )
    if len(manifest.inputs) != model.width:
        raise _mismatch(f"it has {model.width} features, and its manifest {len(manifest.inputs)}")
    if (model.numeric is not None and model.numeric != schema.task.numeric) or sorted(
        map(str, manifest.classes)
    ) != sorted(map(str, schema.target.classes)):
        raise _mismatch(
            f"it predicts {describe_classes(manifest.classes)}, and the target of the schema is "
            f"{describe_classes(schema.target.classes)}"
        )
    return predictor_of(model, manifest.inputs, manifest.classes, schema)


def describe_classes(classes: Sequence[Any]) -> str:
    """What is predicted, in words."""
    return " or ".join(map(str, classes)) or "a number"


def _mismatch(message: str) -> ModelRejected:
    return ModelRejected(ModelRejectionReason.SIGNATURE, message)
