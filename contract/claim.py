"""A folder that only one process at a time may write to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from contract.errors import StorageFailed
from contract.process import writable_folder


@contextmanager
def claimed(folder: Path, owner: str) -> Iterator[Path]:
    """The folder, whole path, ours until the block ends or this process dies.

    `owner` says in a word what we are. Raises `StorageFailed` if another one runs in the folder,
    or it cannot be written to.
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
