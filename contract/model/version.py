"""A version of the registered model, where its files are, and why it can be rejected."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from contract.errors import ModelUnavailable
from contract.settings import Settings


@dataclass(frozen=True)
class ModelVersion:
    """A version of the registered model.

    Attributes:
        number: The registry's version number.
        sha256: SHA-256 of the model file, recorded at registration; None for a version that was
            registered without it.
        folder: The version's artifacts, if the registry's artifact store is on this machine.
    """

    number: str
    sha256: str | None
    folder: Path | None = None


class ModelRejectionReason(StrEnum):
    """Why a version is rejected. Values are labels of a metric."""

    UNRECORDED = "unrecorded"
    DIGEST = "digest"
    LOAD = "load"
    SIGNATURE = "signature"
    EXAMPLE = "example"
    SLOW = "slow"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"


class ModelRejected(ModelUnavailable):
    """A version failed a check and must not score. A retry gives the same result."""

    def __init__(self, reason: ModelRejectionReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def version_folder(settings: Settings, version: ModelVersion) -> Path:
    """Folder of the version's files on this machine; it may not be downloaded yet."""
    digest = (version.sha256 or "")[:16]
    copies = settings.data_dir / "models"
    return version.folder or copies / f"{settings.model_name}-{version.number}-{digest}"
