"""The version that last served on this machine. A start uses it if the champion is unavailable."""

from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from contract.model.version import ModelVersion
from contract.settings import Settings


def save_last_serving_version(settings: Settings, version: ModelVersion) -> None:
    """Saves what is needed to load the version without the registry."""
    file = _file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as temporary:
        temporary.write(version.to_json())
    Path(temporary.name).replace(file)


def load_last_serving_version(settings: Settings) -> ModelVersion | None:
    """The saved version; None if there is none, or it cannot be read."""
    try:
        return ModelVersion.from_json(_file(settings).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def _file(settings: Settings) -> Path:
    return settings.data_dir / "models" / f"{settings.model_name}.last.json"
