"""The settings file: `intent.toml` in the working folder, or what INTENT_CONFIG names.

Needs the standard library alone: the table is looked up here too, by whoever takes our types.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Final

from contract.errors import BadSetting

VARIABLE: Final = "INTENT_CONFIG"
DEFAULT: Final = Path("intent.toml")


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
