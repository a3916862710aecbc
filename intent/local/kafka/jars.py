"""The broker's jars in a cache folder that several processes may use at the same time."""

import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final

from filelock import FileLock

from contract.errors import BrokerUnreachable
from contract.folders import writable_folder
from intent.local.kafka.jar_list import Jar, kafka_version, pinned_jars
from intent.local.kafka.maven import DownloadFailed, download
from intent.progress import Advance, progress_bar

PARALLEL_DOWNLOADS: Final = 8

ShowProgress = Callable[[str, int], AbstractContextManager[Advance]]


def ensure_jars(
    cache: Path, jars: Sequence[Jar] | None = None, progress: ShowProgress | None = None
) -> list[Path]:
    """Downloads the jars that are missing or damaged in the cache folder.

    Args:
        cache: Cache folder.
        jars: Jars; None is the pinned ones.
        progress: Displays the progress; None is a bar, or lines.

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
                _download_all(needed, folder, progress or partial(progress_bar, in_bytes=True))
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
