"""How a process with several threads ends: asked to, or as one of them failed; always in time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from contract import process
from contract.errors import WorkerFailed

SHUTDOWN_TIMEOUT: Final = 8.0
"""Seconds from the signal, or the failure, to the end of the process: supervisors kill after 10."""


class Shutdown:
    """Whether the process is to end, and why. Any thread hands over its failure here.

    While the block of the `with` statement runs, a process that was asked to end and is still there
    after `timeout` seconds is ended, whatever it waits for.
    """

    def __init__(self, stop: threading.Event, timeout: float = SHUTDOWN_TIMEOUT) -> None:
        """`stop` is set by signals, and here on a failure."""
        self._stop = stop
        self._timeout = timeout
        self._failure: Exception | None = None
        self._over = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether the process is to end."""
        return self._stop.is_set()

    @contextmanager
    def on_failure(self) -> Iterator[None]:
        """Keeps a failure of the block, in any thread, and asks the process to end for it."""
        try:
            yield
        except Exception as failure:  # noqa: BLE001  whatever it is, the process ends
            self._failure = self._failure or failure
            self._stop.set()

    def check(self) -> None:
        """Raises the first failure, of whatever thread."""
        if self._failure is not None:
            raise self._failure

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, name="shutdown", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._stop.set()  # lets the watch go

    def _watch(self) -> None:
        self._stop.wait()
        if self._over.wait(self._timeout):
            return
        process.end(
            self._failure
            or WorkerFailed(
                f"told to stop, and not done within {self._timeout:g} s: check that the broker and "
                "the disk answer; what was in hand is not finished"
            )
        )
