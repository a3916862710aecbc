"""Which runs live: each holds a lock for as long as its process does, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from contract.folders import writable_folder

FOLDER: Final = "training"


@contextmanager
def held(home: Path, run: str) -> Iterator[None]:
    """The run lives until the block ends, or its process. Waits for another that trains here.

    Raises `StorageFailed`.
    """
    folder = writable_folder(home / FOLDER)
    own = _lock(home, run)
    with own, FileLock(folder / ".lock"):
        yield
    Path(own.lock_file).unlink(missing_ok=True)


def is_dead(home: Path, run: str) -> bool:
    """Whether the run has lived here and does not any more."""
    lock = _lock(home, run)
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(timeout=0):
            Path(lock.lock_file).unlink(missing_ok=True)
            return True
    except Timeout:
        return False


def _lock(home: Path, run: str) -> FileLock:
    return FileLock(home / FOLDER / f"{run}.lock")
