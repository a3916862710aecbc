"""Folders on disk: created writable, or locked for a single process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from contract.errors import StorageFailed


def writable_folder(path: Path) -> Path:
    """Creates the folder if it does not exist.

    Raises:
        StorageFailed: The folder cannot be created, or no file can be written to it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StorageFailed(
            f"cannot write to the folder {path} ({error.strerror}): "
            "change its permissions, or set INTENT_DATA_DIR to another one"
        ) from None
    return path


@contextmanager
def locked_folder(folder: Path, owner: str) -> Iterator[Path]:
    """Holds a file lock on the folder until the block or the process ends.

    Args:
        folder: Created if it does not exist.
        owner: Kind of process, for the error message: `stack`, `monitoring`.

    Yields:
        The folder as an absolute path.

    Raises:
        StorageFailed: Another process holds the lock, or the folder is not writable.
    """
    folder = writable_folder(folder).resolve()
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StorageFailed(
            f"another {owner} runs in {folder}: stop it, or set INTENT_DATA_DIR to another folder"
        ) from None
    try:
        yield folder
    finally:
        lock.release()
