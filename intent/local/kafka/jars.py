"""The broker's jars in a cache folder that several processes may use at the same time."""

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TextIO

from filelock import FileLock
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from contract.errors import BrokerUnreachable
from contract.folders import writable_folder
from intent.local.kafka.jar_list import Jar, kafka_version, pinned_jars
from intent.local.kafka.maven import Advance, DownloadFailed, download

PARALLEL_DOWNLOADS: Final = 8

MEGABYTE: Final = 1_000_000

ShowProgress = Callable[[str, int], AbstractContextManager[Advance]]


def ensure_jars(
    cache: Path, jars: Sequence[Jar] | None = None, progress: ShowProgress | None = None
) -> list[Path]:
    """Downloads the jars that are missing or damaged in the cache folder.

    Args:
        cache: Cache folder.
        jars: Jars; None is the pinned ones.
        progress: Displays the progress; None is `download_progress`.

    Returns:
        Paths of all jars.

    Raises:
        BrokerUnreachable: A download failed.
        StorageFailed: The cache folder cannot be written.
    """
    jars = pinned_jars() if jars is None else jars
    folder = _folder(cache, jars)
    if _faulty(jars, folder):
        writable_folder(folder)
        with FileLock(folder / ".lock"):
            needed = _faulty(jars, folder)  # another process may have been faster
            if needed:
                _download_all(needed, folder, progress or download_progress)
    return [folder / jar.file_name for jar in jars]


def missing_jars(cache: Path) -> list[Jar]:
    """Pinned jars that are missing or damaged in the cache folder."""
    jars = pinned_jars()
    return _faulty(jars, _folder(cache, jars))


def _folder(cache: Path, jars: Sequence[Jar]) -> Path:
    return cache / f"kafka-{kafka_version(jars)}"


def _faulty(jars: Sequence[Jar], folder: Path) -> list[Jar]:
    return [jar for jar in jars if not jar.matches_file(folder / jar.file_name)]


def _download_all(jars: Sequence[Jar], folder: Path, progress: ShowProgress) -> None:
    what = f"downloading Apache Kafka ({len(jars)} files)"
    failed_or_cancelled = threading.Event()

    def download_one(jar: Jar) -> None:
        if not failed_or_cancelled.is_set():
            try:
                _download_one(jar, folder, advance)
            except DownloadFailed:
                failed_or_cancelled.set()
                raise

    with (
        progress(what, sum(jar.size for jar in jars)) as advance,
        ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool,
    ):
        futures = [pool.submit(download_one, jar) for jar in jars]
        try:
            wait(futures)
        except KeyboardInterrupt:
            failed_or_cancelled.set()
            raise
    failed = next((fault for future in futures if (fault := future.exception())), None)
    if isinstance(failed, DownloadFailed):
        raise BrokerUnreachable(
            f"Kafka is not in {folder} and cannot be downloaded ({failed}): connect this machine "
            "to the network, copy that folder from a machine that has it, or set "
            "INTENT_KAFKA_BOOTSTRAP to a running broker"
        ) from None
    if failed:
        raise failed


def _download_one(jar: Jar, folder: Path, advance: Advance) -> None:
    # in the same file system as the target, so that the move is atomic
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
        path = download(jar, Path(scratch), advance)
        if not jar.matches_file(path):
            raise DownloadFailed(f"{jar} does not have the pinned SHA-256 checksum")
        path.replace(folder / jar.file_name)


@contextmanager
def download_progress(description: str, size: int, out: TextIO = sys.stderr) -> Iterator[Advance]:
    """A progress bar on a terminal, lines elsewhere.

    Yields:
        A function to call with the number of bytes received, from any thread.
    """
    console = Console(file=out)
    if not console.is_terminal:
        yield _ProgressLines(description, size, out).advance
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(description, total=size)
        yield lambda count: progress.advance(task, count)


class _ProgressLines:
    """A line at the start, and one after each quarter."""

    def __init__(self, description: str, size: int, out: TextIO) -> None:
        self._description, self._size, self._out = description, size, out
        self._received = 0
        self._quarter = 0
        self._lock = threading.Lock()
        self._print(f"{size / MEGABYTE:.0f} MB")

    def advance(self, count: int) -> None:
        with self._lock:
            self._received += count
            quarter = 4 * self._received // self._size if self._size else 4
            if quarter > self._quarter:
                self._quarter = quarter
                self._print(f"{self._received / MEGABYTE:.0f} of {self._size / MEGABYTE:.0f} MB")

    def _print(self, text: str) -> None:
        print(f"{self._description}: {text}", file=self._out, flush=True)
