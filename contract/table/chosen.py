"""The table of this process: types are made of it, so it is read when this is first imported."""

import os
import sys
from pathlib import Path
from typing import Final

from contract import settings_file
from contract.errors import BadSetting
from contract.table.description import Table
from contract.table.reading import read

VARIABLE: Final = "INTENT_SCHEMA_FILE"
CARS_FILE: Final = Path(__file__).with_name("cars.toml")


def _chosen() -> Path:
    """What the variable names, else the settings file, else the cars."""
    named = os.environ.get(VARIABLE) or settings_file.read().get("schema_file")
    return Path(str(named)) if named else CARS_FILE


def _or_exit() -> tuple[Path, Table]:
    """Nothing can be imported without a table: a fault ends the process here, in its one line."""
    try:
        file = _chosen()
        return file, read(file)
    except BadSetting as fault:
        sys.stderr.write(f"error: {fault}\n")
        raise SystemExit(fault.exit_code) from None


FILE, TABLE = _or_exit()
IS_CARS: Final = FILE.resolve() == CARS_FILE.resolve()
