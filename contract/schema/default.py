"""The schema of this process, for what is not yet given one."""

import os
import sys
from pathlib import Path

from contract import settings_file
from contract.errors import BadSetting
from contract.schema import CARS, Schema


def _load() -> tuple[Path, Schema]:
    try:
        file = os.environ.get("INTENT_SCHEMA_FILE") or settings_file.read_settings_file().get(
            "schema_file"
        )
        return Path(str(file)), Schema.load(Path(str(file))) if file else CARS
    except BadSetting as fault:
        sys.stderr.write(f"error: {fault}\n")
        raise SystemExit(fault.exit_code) from None


FILE, SCHEMA = _load()
IS_CARS = SCHEMA == CARS
