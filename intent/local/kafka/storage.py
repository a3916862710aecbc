"""The folder that the broker keeps its records in: formatted once, wholly or not at all."""

import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import Final

from contract.errors import StorageFailed
from intent.local.kafka.java import SHORT_LIVED, java
from intent.local.kafka.properties import UNUSED, server
from intent.local.kafka.secured import Secured

DATA: Final = "data"
_NEW: Final = "data.new"


def ensure_formatted(folder: Path, jars: Sequence[Path], secured: Secured | None = None) -> None:
    """Makes `folder/data` a new broker's, unless it is there. Raises `StorageFailed`."""
    if (folder / DATA).exists():
        return
    rmtree(folder / _NEW, ignore_errors=True)
    properties = folder / "format.properties"
    properties.write_text(server(_NEW, UNUSED, secured), encoding="ascii")
    users = secured.format_options() if secured else []
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = java("kafka.tools.StorageTool", jars, *SHORT_LIVED)
    done = subprocess.run(
        [*tool, "format", f"--cluster-id={cluster}", "--config", properties.name, *users],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,  # so that the terminal's Ctrl-C does not reach it
    )
    properties.unlink()
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise StorageFailed(
            f"cannot format {folder} for Kafka ({said[0] if said else 'no reason given'}): "
            "free space there, or set INTENT_DATA_DIR to another folder"
        )
    (folder / _NEW).rename(folder / DATA)
