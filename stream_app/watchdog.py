"""Ends a worker that makes no progress. A thread, because the event loop may be blocked."""

import threading
from typing import Final

from contract import process
from contract.errors import WorkerFailed
from stream_app.progress import Progress

CHECKS_PER_TIMEOUT: Final = 20
"""Number of checks within the progress timeout."""


class Watchdog(threading.Thread):
    """Runs for as long as the process lives, its shutdown included."""

    def __init__(self, progress: Progress, timeout: float) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._progress = progress
        self._timeout = timeout

    def run(self) -> None:
        """Never returns: ends the process if work is pending for longer than the timeout."""
        pause = threading.Event()
        while self._progress.oldest_pending_seconds <= self._timeout:
            pause.wait(self._timeout / CHECKS_PER_TIMEOUT)
        process.exit_with_error(
            WorkerFailed(
                f"{self._progress.describe()} (INTENT_PROGRESS_TIMEOUT={self._timeout:g}): check "
                "that the broker is running, and start again; nothing of the pending batch was "
                "committed"
            )
        )
