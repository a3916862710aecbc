"""Ends a worker that makes no progress, from a thread: its event loop may be what is blocked."""

import threading
from typing import Final

from contract import process
from contract.errors import WorkerFailed
from stream_app.progress import Progress

LOOKS: Final = 20
"""How often it looks in the time that a worker has."""


class Watchdog(threading.Thread):
    """Watches for as long as the process lives, its shutdown included."""

    def __init__(self, progress: Progress, limit: float) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._progress = progress
        self._limit = limit

    def run(self) -> None:
        """Returns never: ends with the process, or ends it."""
        pause = threading.Event()
        while self._progress.seconds <= self._limit:
            pause.wait(self._limit / LOOKS)
        process.exit_with_error(
            WorkerFailed(
                f"{self._progress.describe()} (INTENT_PROGRESS_TIMEOUT={self._limit:g}): check "
                "that the broker is running, and start again; nothing of the batch in hand is "
                "committed"
            )
        )
