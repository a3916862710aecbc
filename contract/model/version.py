"""A version of the registered model, where its files are, and why it can be rejected."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

import msgspec

from contract.errors import ModelUnavailable
from contract.registry import DIGEST_TAG, INTERVAL_TAG, THRESHOLD_TAG
from contract.schema.task import DEFAULT_RULE, DEFAULT_THRESHOLD, DecisionRule, Interval
from contract.settings import Settings


@dataclass(frozen=True)
class ModelVersion:
    """A version of the registered model.

    Attributes:
        number: The registry's version number.
        sha256: SHA-256 of the model file, recorded at registration; None for a version that was
            registered without it.
        folder: The version's artifacts, if the registry's artifact store is on this machine.
        rule: How its outputs become predictions.
    """

    number: str
    sha256: str | None
    folder: Path | None = None
    rule: DecisionRule = DEFAULT_RULE

    @classmethod
    def from_tags(cls, number: str, tags: Mapping[str, str], folder: Path | None = None) -> Self:
        """A version with these tags in the registry.

        Raises:
            ModelRejected: The decision threshold is not a probability, or the interval is none.
        """
        rule = DecisionRule(read_threshold(number, tags), read_interval(number, tags))
        return cls(number, tags.get(DIGEST_TAG), folder, rule)

    def to_json(self) -> bytes:
        """What another process needs to load the version without the registry."""
        return msgspec.json.encode(self, enc_hook=str)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """The version of `to_json`. Raises `msgspec.MsgspecError` if it is none."""
        return msgspec.json.decode(text, type=cls, dec_hook=lambda kind, path: kind(path))


class ModelRejectionReason(StrEnum):
    """Why a version is rejected. Values are labels of a metric."""

    UNRECORDED = "unrecorded"
    DIGEST = "digest"
    LIBRARY = "library"
    LOAD = "load"
    SIGNATURE = "signature"
    EXAMPLE = "example"
    THRESHOLD = "threshold"
    INTERVAL = "interval"
    INVALID = "invalid"
    SLOW = "slow"
    MEMORY = "memory"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"


class ModelRejected(ModelUnavailable):
    """A version failed a check and must not score. A retry gives the same result."""

    def __init__(self, reason: ModelRejectionReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_threshold(number: str, tags: Mapping[str, str]) -> float:
    """The decision threshold in a version's tags; 0.5 without one.

    Raises:
        ModelRejected: It is not a number from 0 to 1.
    """
    text = tags.get(THRESHOLD_TAG)
    try:
        threshold = DEFAULT_THRESHOLD if text is None else float(text)
    except ValueError:
        threshold = float("nan")
    if not 0 <= threshold <= 1:  # true for NaN as well
        raise ModelRejected(
            ModelRejectionReason.THRESHOLD,
            f"version {number} has the tag {THRESHOLD_TAG}={text!r}, which is not a number from 0 "
            "to 1: correct or delete the tag",
        )
    return threshold


def read_interval(number: str, tags: Mapping[str, str]) -> Interval | None:
    """The prediction interval in a version's tags; None without one.

    Raises:
        ModelRejected: It is not one.
    """
    text = tags.get(INTERVAL_TAG)
    try:
        return None if text is None else msgspec.json.decode(text, type=Interval)
    except msgspec.MsgspecError as fault:
        raise ModelRejected(
            ModelRejectionReason.INTERVAL,
            f"version {number} has the tag {INTERVAL_TAG}={text!r}, which is not an interval "
            f"({fault}): correct or delete the tag",
        ) from None


def version_folder(settings: Settings, version: ModelVersion) -> Path:
    """Folder of the version's files on this machine; it may not be downloaded yet."""
    digest = (version.sha256 or "")[:16]
    copies = settings.data_dir / "models"
    return version.folder or copies / f"{settings.model_name}-{version.number}-{digest}"
