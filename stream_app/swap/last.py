"""The version that scored last on this machine: a start goes on with it if it must."""

from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from contract.model.version import ModelVersion
from contract.settings import Settings


def write(settings: Settings, version: ModelVersion) -> None:
    """Keeps what is needed to find it without the registry."""
    file = _file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as told:
        told.write(msgspec.json.encode(version, enc_hook=str))
    Path(told.name).replace(file)


def read(settings: Settings) -> ModelVersion | None:
    """The version; None if there was none, or it cannot be read."""
    try:
        told = _file(settings).read_bytes()
        return msgspec.json.decode(told, type=ModelVersion, dec_hook=lambda kind, text: kind(text))
    except (OSError, msgspec.MsgspecError):
        return None


def _file(settings: Settings) -> Path:
    return settings.data_dir / "models" / f"{settings.model_name}.last.json"
