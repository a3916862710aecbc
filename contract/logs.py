"""Logging of every process: formats, rate limits, and librdkafka's own log lines."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from contract.redaction import redact

HTTP_LOGGERS: Final = ("asyncio", "uvicorn.error", "aiohttp.server", "aiohttp.internal")
"""Loggers whose lines any HTTP client can trigger."""

HTTP_MAX_LINES: Final = 5
HTTP_INTERVAL: Final = 60.0
"""Seconds."""

VERBOSE_LIBRARIES: Final = ("alembic", "httpx", "httpx2", "urllib3")
"""Libraries that log each migration, each request and each retry. Only their errors are logged."""

KAFKA_LINE_INTERVAL: Final = 30.0
"""Seconds between two lines of the same kind from Kafka clients."""

_CONNECTION_FACILITIES: Final = frozenset({"FAIL", "ERROR"})
"""librdkafka's facilities for connections: it logs a line per attempt and broker."""

_THREAD_PREFIX: Final = re.compile(r"^(\[thrd:[^\]]*\]: )+")

log = logging.getLogger(__name__)


def configure_logs(level: str, log_format: str = "text") -> None:
    """Sends log records to standard error, without secrets.

    Args:
        level: Minimum level.
        log_format: `text`, or `json` for one object per line. Times are ISO 8601 in UTC, with
            milliseconds.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)


class _TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        del datefmt
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _JsonFormatter(_TextFormatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        # `exc_text` alone is set if the traceback was redacted when the record was made
        trace = record.exc_text or (record.exc_info and self.formatException(record.exc_info))
        if trace:
            fields["traceback"] = redact(trace)
        return json.dumps(fields, ensure_ascii=False)


class LogRateLimit:
    """Admits a number of lines of each kind per interval and counts the rest. Thread-safe."""

    def __init__(
        self, max_lines: int, interval: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`interval` is in seconds. It starts with the first line of a kind."""
        self._max_lines = max_lines
        self._interval = interval
        self._clock = clock
        self._started: dict[str, float] = {}
        self._lines: dict[str, int] = {}
        self._lock = threading.Lock()

    def admit(self, kind: str) -> int | None:
        """Counts a line. Returns None if it exceeds the limit.

        Otherwise returns the number of lines that the previous interval suppressed, which is above
        0 for the first line of an interval only.
        """
        now = self._clock()
        with self._lock:
            suppressed = 0
            if now - self._started.get(kind, -self._interval) >= self._interval:
                suppressed = max(0, self._lines.get(kind, 0) - self._max_lines)
                self._started[kind], self._lines[kind] = now, 0
            self._lines[kind] += 1
            return suppressed if self._lines[kind] <= self._max_lines else None


class RepeatFilter(logging.Filter):
    """Drops lines beyond a rate limit. Lines are of one kind if their template is the same."""

    def __init__(self, limit: LogRateLimit) -> None:
        super().__init__()
        self._limit = limit

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written. Appends the number of lines suppressed before it."""
        # asyncio formats its arguments into the template, from the second line on
        suppressed = self._limit.admit(str(record.msg)[:100])
        if suppressed:
            record.msg = f"{record.msg} ({suppressed} more such lines were suppressed)"
        return suppressed is not None


def limit_repeated_lines() -> None:
    """Rate-limits the HTTP libraries' loggers. Further calls have no effect."""
    for name in HTTP_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(existing, RepeatFilter) for existing in logger.filters):
            logger.addFilter(RepeatFilter(LogRateLimit(HTTP_MAX_LINES, HTTP_INTERVAL)))


_kafka_limit: Final = LogRateLimit(1, KAFKA_LINE_INTERVAL)
"""Shared by all clients of the process: each of them notices that a broker is down."""


class KafkaClientLog:
    """The `logger` of a confluent_kafka client. Called while the client is polled."""

    def __init__(self, address: str, limit: LogRateLimit = _kafka_limit) -> None:
        self._address = address
        self._limit = limit

    def log(self, level: int, pattern: str, facility: str, client: str, text: str) -> None:
        """Writes one of librdkafka's lines, unless one of its kind was written recently."""
        del pattern
        is_connection = facility in _CONNECTION_FACILITIES
        suppressed = self._limit.admit("connection" if is_connection else facility)
        if suppressed is None:
            return
        text = _THREAD_PREFIX.sub("", text)
        note = f" [{suppressed} more such lines suppressed]" if suppressed else ""
        if is_connection:
            log.warning(
                "no connection to Kafka at %s (%s): check that the broker is running and that "
                "INTENT_KAFKA_BOOTSTRAP names it; retrying%s",
                self._address,
                text,
                note,
            )
        else:
            log.log(level, "Kafka client %s: %s: %s%s", client, facility, text, note)
