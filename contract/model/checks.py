"""Whether a version's files are those that were registered, and score as they did then."""

from collections.abc import Callable, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from contract.events import CustomerRecord
from contract.model.refused import Reason, Refused
from contract.model.version import Version
from contract.registry import DIGEST, EXAMPLE, MODEL_FILE, Example
from contract.schema import Schema
from contract.schema.classes import Floats

TOLERANCE: Final = 1e-5
"""Largest difference from a logged probability: ten times what a compiled form may differ, since
another machine's arithmetic made it."""


def recorded(version: Version) -> str:
    """The digest that the registry has of the version's file. Raises `Refused`."""
    if version.sha256 is None:
        raise Refused(
            Reason.UNRECORDED,
            f"version {version.number} has no tag {DIGEST}, so its file cannot be checked: it was "
            "not registered by `intent train`, or by a release without this tag; train a version "
            "with `intent train`",
        )
    return version.sha256


def check_digest(version: Version, folder: Path) -> str:
    """The digest of the version's file, if it is the recorded one. Raises `Refused`."""
    expected = recorded(version)
    try:
        with (folder / MODEL_FILE).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise Refused(
            Reason.UNAVAILABLE,
            f"version {version.number} has no file {MODEL_FILE}: it was not registered by "
            "`intent train`, or its artifacts were deleted; train a version with `intent train`",
        ) from None
    if found != expected:
        raise Refused(
            Reason.DIGEST,
            f"the file of version {version.number} is not the one that was registered (SHA-256 "
            f"{found[:12]}..., recorded {expected[:12]}...): see who changed the artifact store",
        )
    return found


def logged_example(version: Version, folder: Path, schema: Schema) -> Example:
    """What the version must still say. Raises `Refused` if there is no such thing."""
    try:
        example = Example.decode((folder / EXAMPLE).read_bytes(), schema)
    except FileNotFoundError:
        raise Refused(
            Reason.UNRECORDED,
            f"version {version.number} has no file {EXAMPLE}: it was not registered by "
            "`intent train`, or its artifacts were deleted; train a version with `intent train`",
        ) from None
    except msgspec.ValidationError as fault:
        raise Refused(
            Reason.SIGNATURE, f"the example of version {version.number} is of other data: {fault}"
        ) from None
    except (OSError, msgspec.DecodeError) as fault:
        raise Refused(
            Reason.EXAMPLE, f"the example of version {version.number} cannot be read: {fault}"
        ) from None
    if not example.inputs or len(example.inputs) != len(example.probabilities):
        raise Refused(Reason.EXAMPLE, f"the example of version {version.number} is not whole")
    return example


def check_example(
    version: Version, example: Example, score: Callable[[Sequence[CustomerRecord]], Floats]
) -> None:
    """Raises `Refused` unless the scores of the example's inputs are those that were logged."""
    try:
        differences = np.abs(score(example.inputs) - np.array(example.probabilities))
    except Exception as failure:  # whatever a model raises that was made for something else
        raise Refused(
            Reason.EXAMPLE,
            f"version {version.number} does not score its own example "
            f"({type(failure).__name__}: {failure})",
        ) from failure
    if not differences.max() <= TOLERANCE:  # true for NaN as well
        raise Refused(
            Reason.EXAMPLE,
            f"version {version.number} disagrees with its own example, by up to "
            f"{differences.max():.3g}: it was not made by these libraries, or is another model",
        )
