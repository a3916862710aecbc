"""A TOML file -> the table that it describes."""

import tomllib
from pathlib import Path

from msgspec.structs import replace

from contract.errors import BadSetting
from contract.table.description import Table
from contract.table.faults import converted


def read(file: Path) -> Table:
    """The table, its data set's path from the working folder. Raises `BadSetting`.

    All faults of the description are told at once.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: cannot be read ({fault.strerror})") from None
    except UnicodeDecodeError:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: not TOML: {fault}") from None
    table, faults = converted(told)
    if table is None:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: {'; '.join(faults)}")
    return replace(table, data=str((file.parent / table.data).resolve()))
