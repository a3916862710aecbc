"""Checks that a version's files are those that were registered, and still score the same."""

from collections.abc import Callable, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from contract.events import CustomerRecord
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import DIGEST_TAG, EXAMPLE_FILE, MODEL_FILE, Example
from contract.schema import Schema
from contract.schema.classes import Floats

TOLERANCE: Final = 1e-5
"""Maximum difference from a logged probability. It is ten times the tolerance of a compiled model,
because the example was scored on another machine's floating-point hardware."""


def recorded_digest(version: ModelVersion) -> str:
    """Returns the SHA-256 that the registry has of the model file. Raises `ModelRejected`."""
    if version.sha256 is None:
        raise ModelRejected(
            ModelRejectionReason.UNRECORDED,
            f"version {version.number} has no tag {DIGEST_TAG}, so its file cannot be checked: it "
            "was not registered by `intent train`, or by a release without this tag; train one "
            "with `intent train`",
        )
    return version.sha256


def check_digest(version: ModelVersion, folder: Path) -> str:
    """Returns the SHA-256 of the model file, which is the recorded one.

    Raises:
        ModelRejected: The file is missing or differs from what was registered.
    """
    expected = recorded_digest(version)
    try:
        with (folder / MODEL_FILE).open("rb") as file:
            actual = file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelRejected(
            ModelRejectionReason.UNAVAILABLE,
            f"version {version.number} has no file {MODEL_FILE}: it was not registered by "
            "`intent train`, or its artifacts were deleted; train a version with `intent train`",
        ) from None
    if actual != expected:
        raise ModelRejected(
            ModelRejectionReason.DIGEST,
            f"the file of version {version.number} is not the one that was registered (SHA-256 "
            f"{actual[:12]}..., recorded {expected[:12]}...): find out who changed the artifact "
            "store",
        )
    return actual


def load_example(version: ModelVersion, folder: Path, schema: Schema) -> Example:
    """Returns the records and probabilities that were logged at registration.

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
    if not example.inputs or len(example.inputs) != len(example.probabilities):
        raise ModelRejected(
            ModelRejectionReason.EXAMPLE, f"the example of version {version.number} is incomplete"
        )
    return example


def check_example(
    version: ModelVersion, example: Example, score: Callable[[Sequence[CustomerRecord]], Floats]
) -> None:
    """Scores the example and compares with the logged probabilities.

    Raises:
        ModelRejected: Scoring fails, or a probability differs by more than `TOLERANCE`.
    """
    try:
        differences = np.abs(score(example.inputs) - np.array(example.probabilities))
    except Exception as failure:  # a foreign model may raise anything
        raise ModelRejected(
            ModelRejectionReason.EXAMPLE,
            f"version {version.number} cannot score its own example "
            f"({type(failure).__name__}: {failure})",
        ) from failure
    if not differences.max() <= TOLERANCE:  # true for NaN as well
        raise ModelRejected(
            ModelRejectionReason.EXAMPLE,
            f"version {version.number} disagrees with its own example, by up to "
            f"{differences.max():.3g}: it was made with other library versions, or is another "
            "model",
        )
