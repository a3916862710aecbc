"""A jar from its Maven repository: the one file that knows jgo."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
from jgo.maven import MavenContext, PythonResolver

from intent.local.kafka.manifest import Jar

Advance = Callable[[int], None]
"""Told how many bytes came in; negative where some must come again."""

ATTEMPTS: Final = 3
PATIENCE: Final = 15
"""Seconds without a byte after which an attempt is given up."""


class DownloadFailed(Exception):
    """The repository could not be asked, or has no such jar."""


def download(jar: Jar, folder: Path, advance: Advance) -> Path:
    """Downloads a jar to somewhere below the folder, unchecked. Raises `DownloadFailed`."""
    for attempt in range(1, ATTEMPTS + 1):
        came = _Count(advance)
        try:
            return _attempt(jar, folder / str(attempt), came.add)
        except (requests.RequestException, RuntimeError) as fault:  # what jgo raises
            came.take_back()
            if attempt == ATTEMPTS:
                raise DownloadFailed(f"{jar}: {_cause(fault)}") from None
            time.sleep(0.3 * attempt)  # a repository that refuses is given a moment
    raise AssertionError


def _attempt(jar: Jar, folder: Path, advance: Advance) -> Path:
    @contextmanager
    def progress(_file_name: str, _size: int) -> Iterator[Advance]:
        yield advance

    context = MavenContext(
        resolver=PythonResolver(progress_callback=progress), repo_cache=folder, timeout=PATIENCE
    )
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    path = component.artifact(packaging="jar").resolve()
    return Path(path)


class _Count:
    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._bytes = 0

    def add(self, size: int) -> None:
        self._bytes += size
        self._advance(size)

    def take_back(self) -> None:
        self._advance(-self._bytes)


def _cause(fault: Exception) -> str:
    """The fault without the chain of objects that `requests` prints."""
    if isinstance(fault, requests.Timeout):
        return f"no answer within {PATIENCE} s"
    if isinstance(fault, requests.ConnectionError):
        return "no connection"
    return str(fault)
