"""Files held against the public schemas that check-jsonschema brings."""

import subprocess
import sys
from pathlib import Path


def fits(schema: str, file: Path) -> None:
    """The file is one by that schema, such as `compose-spec`; else the test fails and says why."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
