"""The folder of a stack: one stack at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from contract.errors import StorageFailed
from contract.process import writable_folder


@contextmanager
def claimed(home: Path) -> Iterator[Path]:
    """The folder, whole path, ours until the block ends or this process dies.

    Raises `StorageFailed` if another stack runs in it, or it cannot be written to.
    """
    folder = writable_folder(home).resolve()
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StorageFailed(
            f"another stack runs in {folder}: stop it, or set INTENT_HOME to another folder"
        ) from None
    try:
        yield folder
    finally:
        lock.release()
