"""Checks that a version's files are those that were registered, and still score the same."""

from collections.abc import Callable, Sequence
from hashlib import file_digest
from pathlib import Path

import msgspec
import numpy as np

from contract.events import CustomerRecord
from contract.model.manifest import MANIFEST_FILE
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import DIGEST_TAG, EXAMPLE_FILE, MODEL_FILE, Example
from contract.schema import Schema
from contract.schema.task import Floats


def recorded_digest(version: ModelVersion, model_name: str = "NAME") -> str:
    """Returns the SHA-256 that the registry has of the version. Raises `ModelRejected`.

    Args:
        version: As the registry has it.
        model_name: Name of the registered model, for the error.
    """
    if version.sha256 is None:
        raise ModelRejected(
            ModelRejectionReason.UNRECORDED,
            f"version {version.number} was registered without the checks of this service (no tag "
            f"{DIGEST_TAG}): adopt it with `intent register models:/{model_name}/{version.number} "
            "--rows ROWS.csv --alias challenger`, where ROWS.csv has rows that it was not fitted "
            "on",
        )
    return version.sha256


def digested_file(folder: Path) -> Path:
    """The file whose digest the registry has: the manifest of an adopted version, else the model.

    It may not exist.
    """
    manifest = folder / MANIFEST_FILE
    return manifest if manifest.is_file() else folder / MODEL_FILE


def check_digest(version: ModelVersion, folder: Path) -> str:
    """Returns the SHA-256 of the version's manifest or model file, which is the recorded one.

    Raises:
        ModelRejected: The file is missing or differs from what was registered.
    """
    expected = recorded_digest(version)
    try:
        with digested_file(folder).open("rb") as file:
            actual = file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelRejected(
            ModelRejectionReason.UNAVAILABLE,
            f"version {version.number} has no file {MODEL_FILE} or {MANIFEST_FILE}: it was not "
            "registered by `intent train` or `intent register`, or its artifacts were deleted; "
            "train a version with `intent train`",
        ) from None
    if actual != expected:
        raise changed_file(version, actual, expected)
    return actual


def changed_file(version: ModelVersion, actual: str, expected: str) -> ModelRejected:
    """The rejection of a version whose file has another SHA-256 than the recorded one."""
    return ModelRejected(
        ModelRejectionReason.DIGEST,
        f"the file of version {version.number} is not the one that was registered (SHA-256 "
        f"{actual[:12]}..., recorded {expected[:12]}...): find out who changed the artifact "
        "store",
    )


def load_example(version: ModelVersion, folder: Path, schema: Schema) -> Example:
    """Returns the records and outputs that were logged at registration.

    Raises:
        ModelRejected: The file is missing, unreadable or of another schema.
    """
    try:
        example = Example.decode((folder / EXAMPLE_FILE).read_bytes(), schema)
    except FileNotFoundError:
        raise ModelRejected(
            ModelRejectionReason.UNRECORDED,
            f"version {version.number} has no file {EXAMPLE_FILE}: it was not registered by "
            "`intent train`, or its artifacts were deleted; train a version with `intent train`",
        ) from None
    except msgspec.ValidationError as fault:
        raise ModelRejected(
            ModelRejectionReason.SIGNATURE,
            f"the example of version {version.number} is of another schema: {fault}",
        ) from None
    except (OSError, msgspec.DecodeError) as fault:
        raise ModelRejected(
            ModelRejectionReason.EXAMPLE,
            f"the example of version {version.number} cannot be read: {fault}",
        ) from None
    if not example.inputs or len(example.inputs) != len(example.outputs):
        raise ModelRejected(
            ModelRejectionReason.EXAMPLE, f"the example of version {version.number} is incomplete"
        )
    return example


def check_example(
    version: ModelVersion,
    example: Example,
    score: Callable[[Sequence[CustomerRecord]], Floats],
    schema: Schema,
) -> None:
    """Scores the example and compares with the logged outputs.

    Raises:
        ModelRejected: Scoring fails, or an output differs by more than the task's tolerance.
    """
    expected = np.array(example.outputs)
    try:
        differences = np.abs(score(example.inputs) - expected)
    except Exception as failure:  # a foreign model may raise anything
        raise ModelRejected(
            ModelRejectionReason.EXAMPLE,
            f"version {version.number} cannot score its own example "
            f"({type(failure).__name__}: {failure})",
        ) from failure
    if not differences.max() <= schema.task.tolerance(expected):  # true for NaN as well
        raise ModelRejected(
            ModelRejectionReason.EXAMPLE,
            f"version {version.number} disagrees with its own example, by up to "
            f"{differences.max():.3g}: it was made with other library versions, or is another "
            "model",
        )
