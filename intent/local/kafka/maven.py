"""Downloads jars from Maven repositories. Owns the use of jgo."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
from jgo.maven import MavenContext, PythonResolver

from intent.local.kafka.jar_list import Jar
from intent.progress import Advance

ATTEMPTS: Final = 3
TIMEOUT: Final = 15
"""Seconds without a byte after which an attempt fails."""


class DownloadFailed(Exception):
    """The repository did not respond, or does not have the jar."""


def download(jar: Jar, folder: Path, advance: Advance) -> Path:
    """Downloads a jar below the folder without checking it. Raises `DownloadFailed`.

    `advance` gets the bytes that were received; a negative number when an attempt is repeated.
    """
    for attempt in range(1, ATTEMPTS + 1):
        received = _ByteCount(advance)
        try:
            return _attempt(jar, folder / str(attempt), received.add)
        except (requests.RequestException, RuntimeError) as fault:  # raised by jgo
            received.revert()
            if attempt == ATTEMPTS:
                raise DownloadFailed(f"{jar}: {_reason(fault)}") from None
            time.sleep(0.3 * attempt)  # back off
    raise AssertionError


def _attempt(jar: Jar, folder: Path, advance: Advance) -> Path:
    @contextmanager
    def progress(_file_name: str, _size: int) -> Iterator[Advance]:
        yield advance

    context = MavenContext(
        resolver=PythonResolver(progress_callback=progress), repo_cache=folder, timeout=TIMEOUT
    )
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    path = component.artifact(packaging="jar").resolve()
    return Path(path)


class _ByteCount:
    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._bytes = 0

    def add(self, size: int) -> None:
        self._bytes += size
        self._advance(size)

    def revert(self) -> None:
        self._advance(-self._bytes)


def _reason(fault: Exception) -> str:
    """The error without the nested representation that `requests` prints."""
    if isinstance(fault, requests.Timeout):
        return f"no answer within {TIMEOUT} s"
    if isinstance(fault, requests.ConnectionError):
        return "no connection"
    return str(fault)
