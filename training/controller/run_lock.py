"""Locks that tell whether a flow run's process is alive: released however the process ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from contract.folders import writable_folder

FOLDER: Final = "training"


@contextmanager
def hold_run_lock(data_dir: Path, run_id: str) -> Iterator[None]:
    """Holds the run's lock inside the block, and waits for other trainings in this directory.

    Raises:
        StorageFailed: the data directory cannot be written.
    """
    folder = writable_folder(data_dir / FOLDER)
    lock = _run_lock(data_dir, run_id)
    with lock, FileLock(folder / ".lock"):
        yield
    Path(lock.lock_file).unlink(missing_ok=True)


def is_run_dead(data_dir: Path, run_id: str) -> bool:
    """Whether the run's process ran in this data directory and has ended without a result."""
    lock = _run_lock(data_dir, run_id)
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(timeout=0):
            Path(lock.lock_file).unlink(missing_ok=True)
            return True
    except Timeout:
        return False


def _run_lock(data_dir: Path, run_id: str) -> FileLock:
    return FileLock(data_dir / FOLDER / f"{run_id}.lock")
