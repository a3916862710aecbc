"""Reads the settings file: `intent.toml` in the working directory, or INTENT_CONFIG.

Imports the standard library only: it is also read before any library is imported.
"""

import os
from pathlib import Path
from typing import Any, Final

from contract.errors import BadSetting
from contract.toml_reader import read_toml

VARIABLE: Final = "INTENT_CONFIG"
DEFAULT: Final = Path("intent.toml")


def settings_file_path() -> Path | None:
    """Path of the settings file; None if there is none."""
    path = os.environ.get(VARIABLE)
    if path:
        return Path(path)
    return DEFAULT if DEFAULT.is_file() else None


def read_settings_file() -> dict[str, Any]:
    """Returns the values in the file by name. Raises `BadSetting` if it cannot be read."""
    file = settings_file_path()
    if file is None:
        return {}
    try:
        return read_toml(file)
    except OSError as fault:
        raise BadSetting(
            f"cannot read the settings file {file} ({fault.strerror}): correct {VARIABLE}"
        ) from None
    except ValueError as fault:
        raise BadSetting(f"the settings file {file} is {fault}") from None
