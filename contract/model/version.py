"""What the registry tells of a version, and where its files are on this machine."""

from dataclasses import dataclass
from pathlib import Path

from contract.settings import Settings


@dataclass(frozen=True)
class Version:
    """A version of the registered model.

    Attributes:
        number: as the registry counts.
        sha256: the digest of its file that was recorded at its registration; None for a version
            that is older than that.
        folder: its artifacts, if the registry's own are on this machine.
    """

    number: str
    sha256: str | None
    folder: Path | None = None


def folder(settings: Settings, version: Version) -> Path:
    """Where the version's files are on this machine, or will be once they are fetched."""
    digest = (version.sha256 or "")[:16]
    copies = settings.data_dir / "models"
    return version.folder or copies / f"{settings.model_name}-{version.number}-{digest}"
