"""Ends a process with several threads in time, after a signal or after a thread's failure."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from contract import process
from contract.errors import WorkerFailed

SHUTDOWN_TIMEOUT: Final = 8.0
"""Seconds from the signal or failure to the end of the process. Supervisors kill after 10."""


class Shutdown:
    """Collects failures of all threads and enforces the shutdown timeout.

    Use it as a context manager. If the process should end and its block still runs after `timeout`
    seconds, the process is terminated, whatever it waits for.
    """

    def __init__(self, stop: threading.Event, timeout: float = SHUTDOWN_TIMEOUT) -> None:
        """`stop` is set by signals, and by this class on a failure."""
        self._stop = stop
        self._timeout = timeout
        self._failure: Exception | None = None
        self._block_ended = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether the process should end."""
        return self._stop.is_set()

    @contextmanager
    def on_failure(self) -> Iterator[None]:
        """Records an exception of the block, in any thread, and requests the shutdown."""
        try:
            yield
        except Exception as failure:  # noqa: BLE001  any exception ends the process
            self._failure = self._failure or failure
            self._stop.set()

    def check(self) -> None:
        """Raises the first recorded exception of any thread."""
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
        self._block_ended.set()
        self._stop.set()  # ends the watching thread

    def _watch(self) -> None:
        self._stop.wait()
        if self._block_ended.wait(self._timeout):
            return
        process.exit_with_error(
            self._failure
            or WorkerFailed(
                f"shutdown not complete within {self._timeout:g} s: check that the broker and "
                "the disk respond; work in progress was not finished"
            )
        )
