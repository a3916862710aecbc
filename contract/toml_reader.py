"""Reads TOML files that people write. Imports the standard library only."""

import tomllib
from pathlib import Path
from typing import Any


def read_toml(file: Path) -> dict[str, Any]:
    """Returns the values in the file by name. A byte-order mark is skipped.

    Raises:
        OSError: The file cannot be read.
        ValueError: Its text says what the file is not: "not UTF-8; ..." or "not TOML: ...".
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8; save it as UTF-8") from None
    try:
        return tomllib.loads(text)
    except ValueError as fault:  # a `TOMLDecodeError`, or of an integer of thousands of digits
        reason = str(fault).partition(";")[0]
    except RecursionError:
        reason = "its values are nested too deep"
    raise ValueError(f"not TOML: {reason}")
