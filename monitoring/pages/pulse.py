"""Whether the main loop still turns: what /healthz answers."""

import time


class Pulse:
    """Whether the main loop still turns."""

    def __init__(self, seconds: float) -> None:
        """It is dead after so many seconds without a beat."""
        self._seconds = seconds
        self._at = time.monotonic()

    def beat(self) -> None:
        """The loop turned."""
        self._at = time.monotonic()

    def alive(self) -> bool:
        """Whether the last beat is recent."""
        return time.monotonic() - self._at < self._seconds
