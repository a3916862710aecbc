"""Two kinds of timeouts: for a library call that has none, and for a process that starts."""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

MAX_ABANDONED: Final = 4
"""Calls that may still run after their timeout, in threads of their own."""

ACTIVE_CPU_SHARE: Final = 0.03
"""Share of one core that a process uses at least while it makes progress."""

POLL_INTERVAL: Final = 1.0
"""Seconds between two readings of /proc."""

_PROC: Final = Path("/proc")

_abandoned = threading.Semaphore(MAX_ABANDONED)


def call_with_timeout(seconds: float, call: Callable[[], T]) -> T:
    """Runs a call in a thread and returns its result, or raises its exception.

    A call that takes longer is abandoned: its thread runs until the call ends by itself.

    Raises:
        TimeoutError: The call took longer, or `MAX_ABANDONED` earlier calls still run.
    """
    if not _abandoned.acquire(blocking=False):
        raise TimeoutError("earlier calls have not ended yet")
    results: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put((call(), None))
        except BaseException as fault:  # noqa: BLE001  raised to the caller
            results.put((None, fault))
        finally:
            _abandoned.release()

    threading.Thread(target=run, name="call-with-timeout", daemon=True).start()
    try:
        value, fault = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no complete answer within {seconds:g} s") from None
    if fault is not None:
        raise fault
    return value  # type: ignore[return-value]  # None only if the call returned it


class InactivityTimeout:
    """Expires when processes, and all of their sessions, used no CPU for a number of seconds.

    A start takes ten times as long on a busy machine as on an idle one, so wall-clock time says
    little. Without /proc there is no CPU time to read, and the seconds count from the start.
    """

    def __init__(
        self,
        pids: Iterable[int],
        seconds: float,
        used: Callable[[frozenset[int]], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts to count.

        Args:
            pids: Process ids.
            seconds: Seconds without activity after which it expires.
            used: CPU seconds that the processes have used; by default `cpu_seconds`.
            clock: Seconds of a monotonic clock.
        """
        self._pids = frozenset(pids)
        self._seconds = seconds
        self._read_cpu_seconds = used or cpu_seconds
        self._clock = clock
        self._last_used = 0.0
        self._active_at = self._polled_at = clock()

    def has_expired(self) -> bool:
        """Whether the processes were inactive for too long. Reads /proc once a second at most."""
        now = self._clock()
        if now - self._polled_at < min(POLL_INTERVAL, self._seconds):
            return False
        self._polled_at = now
        used = self._read_cpu_seconds(self._pids)
        if used - self._last_used > ACTIVE_CPU_SHARE * self._seconds:
            self._last_used, self._active_at = used, now
        return now - self._active_at >= self._seconds


def cpu_seconds(pids: frozenset[int]) -> float:
    """CPU seconds used so far by these processes and by the sessions that they lead."""
    ticks = 0
    for folder in _PROC.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(folder.name) in pids or int(fields[3]) in pids:
            ticks += sum(map(int, fields[11:15]))  # including children that have ended
    return ticks / os.sysconf("SC_CLK_TCK")
