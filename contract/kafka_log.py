"""librdkafka's own log lines -> our log: a few of them, with what to do."""

import logging
import re
import threading
import time
from typing import Final

LINE_EVERY: Final = 30.0
"""Seconds between two lines of the same kind."""

_CONNECTION: Final = frozenset({"FAIL", "ERROR"})
"""librdkafka's names of lines on connections: it writes one for each attempt at each broker."""

_THREAD: Final = re.compile(r"^(\[thrd:[^\]]*\]: )+")

log = logging.getLogger(__name__)


class LineLimit:
    """At most one line of a kind in `LINE_EVERY` seconds; counts those left out. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def take(self, kind: str, now: float) -> int | None:
        """Whether to write a line now: the number left out since the last one, or None if not."""
        with self._lock:
            if now < self._said.get(kind, -LINE_EVERY) + LINE_EVERY:
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
                return None
            self._said[kind] = now
            return self._left_out.pop(kind, 0)


_limit: Final = LineLimit()
"""Of this process: each of its clients notices a broker that is down."""


class ClientLog:
    """What a client of confluent_kafka takes as its `logger`. Called while the client is polled."""

    def __init__(self, address: str, limit: LineLimit = _limit) -> None:
        self._address = address
        self._limit = limit

    def log(self, level: int, pattern: str, kind: str, client: str, text: str) -> None:
        """Writes the line, if none of its kind was written for a while."""
        del pattern
        lost = kind in _CONNECTION
        left_out = self._limit.take("connection" if lost else kind, time.monotonic())
        if left_out is None:
            return
        text = _THREAD.sub("", text)
        more = f" [{left_out} more such lines left out]" if left_out else ""
        if lost:
            log.warning(
                "no connection to Kafka at %s (%s): check that the broker is running and that "
                "INTENT_KAFKA_BOOTSTRAP names it; still trying%s",
                self._address,
                text,
                more,
            )
        else:
            log.log(level, "Kafka client %s: %s: %s%s", client, kind, text, more)
