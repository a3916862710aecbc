"""The broker's jars, in a cache that several processes may use at once."""

import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from filelock import FileLock

from contract.errors import BrokerUnreachable
from contract.folders import writable_folder
from intent.local.kafka.manifest import Jar, kafka_version, pinned
from intent.local.kafka.maven import Advance, DownloadFailed, download
from intent.local.kafka.progress import shown

AT_ONCE: Final = 8

Shown = Callable[[str, int], AbstractContextManager[Advance]]


def ensure_jars(
    cache: Path, jars: Sequence[Jar] | None = None, progress: Shown = shown
) -> list[Path]:
    """The pinned jars below the cache folder; what is missing or damaged there is downloaded.

    Raises `BrokerUnreachable` where that fails, `StorageFailed` where the cache cannot be written.
    """
    jars = pinned() if jars is None else jars
    folder = _folder(cache, jars)
    if _faulty(jars, folder):
        writable_folder(folder)
        with FileLock(folder / ".lock"):
            wanted = _faulty(jars, folder)  # another process may have been faster
            if wanted:
                _fetch(wanted, folder, progress)
    return [folder / jar.file_name for jar in jars]


def missing(cache: Path) -> list[Jar]:
    """Those that would be downloaded, missing or damaged."""
    jars = pinned()
    return _faulty(jars, _folder(cache, jars))


def _folder(cache: Path, jars: Sequence[Jar]) -> Path:
    return cache / f"kafka-{kafka_version(jars)}"


def _faulty(jars: Sequence[Jar], folder: Path) -> list[Jar]:
    return [jar for jar in jars if not jar.is_at(folder / jar.file_name)]


def _fetch(jars: Sequence[Jar], folder: Path, progress: Shown) -> None:
    what = f"downloading Apache Kafka ({len(jars)} files)"
    given_up = threading.Event()

    def fetch_one(jar: Jar) -> None:
        if not given_up.is_set():
            try:
                _fetch_one(jar, folder, advance)
            except DownloadFailed:
                given_up.set()
                raise

    with (
        progress(what, sum(jar.size for jar in jars)) as advance,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        futures = [pool.submit(fetch_one, jar) for jar in jars]
        try:
            wait(futures)
        except KeyboardInterrupt:
            given_up.set()
            raise
    failed = next((fault for future in futures if (fault := future.exception())), None)
    if isinstance(failed, DownloadFailed):
        raise BrokerUnreachable(
            f"Kafka is not in {folder} and cannot be downloaded ({failed}): connect this machine "
            "to the network, copy that folder from one that has it, or set "
            "INTENT_KAFKA_BOOTSTRAP to a broker that runs"
        ) from None
    if failed:
        raise failed


def _fetch_one(jar: Jar, folder: Path, advance: Advance) -> None:
    # in the same file system as its place, so that the move is atomic
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
        path = download(jar, Path(scratch), advance)
        if not jar.is_at(path):
            raise DownloadFailed(f"{jar} does not have the pinned SHA-256 sum")
        path.replace(folder / jar.file_name)
