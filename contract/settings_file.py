"""Settings out of a file: `intent.toml` in the working folder, or what INTENT_CONFIG names."""

import os
import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from contract.errors import BadSetting

VARIABLE: Final = "INTENT_CONFIG"
DEFAULT: Final = Path("intent.toml")


class SettingsFile(PydanticBaseSettingsSource):
    """What the file says of a stage's fields. Variables count before it."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """A field's value, None where the file has none. Raises `BadSetting`."""
        del field
        return read().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Field to value."""
        own = self.settings_cls.model_fields
        return {name: value for name, value in read().items() if name in own}


def path() -> Path | None:
    """The file to read; None where none is named and there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return DEFAULT if DEFAULT.is_file() else None


def read() -> dict[str, Any]:
    """All that the file says, name to value. Raises `BadSetting` where it cannot be read."""
    file = path()
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadSetting(
            f"cannot read the settings file {file} ({fault.strerror}): correct {VARIABLE}"
        ) from None
    except UnicodeDecodeError:
        raise BadSetting(f"the settings file {file} is not UTF-8: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        raise BadSetting(f"the settings file {file} is not TOML: {fault}") from None
