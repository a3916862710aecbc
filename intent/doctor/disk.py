"""Is there room on the disks, and may we write there?"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from intent.doctor.finding import Finding, fault, note, ok
from intent.local.settings import LocalSettings

GIGABYTE: Final = 1_000_000_000
LEAST: Final = 1 * GIGABYTE
"""A Kafka partition alone writes files of up to 1 GiB."""
AMPLE: Final = 5 * GIGABYTE


def disk(settings: LocalSettings) -> Iterator[Finding]:
    """The home folder, the cache and the folder for temporary files."""
    yield room("disk of INTENT_DATA_DIR", settings.data_dir, "INTENT_DATA_DIR")
    if settings.starts_broker:
        yield room("disk of INTENT_CACHE_DIR", settings.cache_dir, "INTENT_CACHE_DIR")
    yield room("disk of TMPDIR", Path(tempfile.gettempdir()), "TMPDIR")


def room(subject: str, folder: Path, name: str) -> Finding:
    """How much is free where the folder is, or would be made."""
    there = _nearest(folder.absolute())
    if not os.access(there, os.W_OK | os.X_OK):
        return fault(subject, f"{there} cannot be written to", f"permit it, or set {name}")
    free = shutil.disk_usage(there).free
    words = f"{free / GIGABYTE:.1f} GB free at {there}"
    if free < LEAST:
        return fault(subject, words, f"free some, or set {name} to a folder on another disk")
    return ok(subject, words) if free >= AMPLE else note(subject, f"{words}: not for long")


def _nearest(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
