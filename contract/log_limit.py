"""Bounds how often a log line repeats that whoever connects to us can cause."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

LIMITED_LOGGERS: Final = ("asyncio", "uvicorn.error", "aiohttp.server", "aiohttp.internal")

MAX_LINES: Final = 5
PER_SECONDS: Final = 60.0


class RepeatLimit(logging.Filter):
    """Lets `max_lines` of each kind through in `per_seconds`; the next one says how many it held.

    Lines are of one kind if their text before its arguments is the same.
    """

    def __init__(
        self,
        max_lines: int = MAX_LINES,
        per_seconds: float = PER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._max_lines = max_lines
        self._per_seconds = per_seconds
        self._clock = clock
        self._began: dict[str, float] = {}
        self._lines: dict[str, int] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; it may get the number of those that were not."""
        kind = str(record.msg)[:100]  # asyncio's has the arguments in it, from the second line on
        now = self._clock()
        with self._lock:
            held = 0
            if now - self._began.get(kind, -self._per_seconds) >= self._per_seconds:
                held = max(0, self._lines.get(kind, 0) - self._max_lines)
                self._began[kind], self._lines[kind] = now, 0
            self._lines[kind] += 1
            passes = self._lines[kind] <= self._max_lines
        if held:
            record.msg = f"{record.msg} ({held} more such lines were not written)"
        return passes


def limit_repeats() -> None:
    """Limits the HTTP libraries' lines, once in a process."""
    for name in LIMITED_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, RepeatLimit) for each in logger.filters):
            logger.addFilter(RepeatLimit())
