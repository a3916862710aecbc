"""Schedules of a run: when records are due (open loop), and the progress of drift."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from data.population import Floats

POLL_INTERVAL: Final = 0.002
"""Seconds between two checks for due records."""

MAX_BATCH: Final = 5_000
"""Maximum number of records that are due at once."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Records per second, with a burst at the end of each interval.

    Attributes:
        base_rate: Records per second outside bursts; 0 for no limit.
        burst_interval: Seconds between the starts of intervals; 0 for no bursts.
        burst_duration: Length of a burst in seconds, limited to the interval.
        burst_factor: Rate during a burst, as a multiple of the base rate.
    """

    base_rate: float
    burst_interval: float = 0.0
    burst_duration: float = 0.0
    burst_factor: float = 1.0

    def due(self, elapsed: float) -> int:
        """Number of records due in the first `elapsed` seconds; `base_rate` must not be 0."""
        intervals, rest = (
            divmod(elapsed, self.burst_interval) if self.burst_interval else (0, elapsed)
        )
        in_bursts = intervals * self._burst + max(0.0, rest - self._quiet)
        return int(self.base_rate * (elapsed + (self.burst_factor - 1) * in_bursts))

    def times(self, first: int, count: int) -> Floats:
        """Due times of the records from number `first`: seconds from the start, shape (count,).

        Record 0 is due when `due` becomes 1.
        """
        numbers = np.arange(first + 1, first + count + 1, dtype=np.float64)
        if not self.burst_interval:
            return numbers / self.base_rate
        before_burst = self.base_rate * self._quiet
        per_interval = before_burst + self.base_rate * self.burst_factor * self._burst
        intervals, rest = np.divmod(numbers, per_interval)
        late = np.maximum(0.0, rest - before_burst)
        return (
            intervals * self.burst_interval
            + (rest - late) / self.base_rate
            + late / (self.base_rate * self.burst_factor)
        )

    @property
    def _burst(self) -> float:
        return min(self.burst_duration, self.burst_interval)

    @property
    def _quiet(self) -> float:
        return self.burst_interval - self._burst if self.burst_interval else float("inf")


@dataclass(frozen=True, slots=True)
class DriftSchedule:
    """When drift begins and ends, in seconds from the start of the run.

    Attributes:
        start: Begin of the drift; 0 for never.
        ramp: Seconds from the begin until the drift is complete; 0 for sudden drift.
        end: End of the drift; 0 for never.
    """

    start: float = 0.0
    ramp: float = 0.0
    end: float = 0.0

    def fraction(self, elapsed: Floats) -> Floats:
        """Progress of the drift at each time (seconds), from 0 (none) to 1 (complete)."""
        if not self.start:
            return np.zeros_like(elapsed)
        if self.ramp:
            fraction = np.clip((elapsed - self.start) / self.ramp, 0.0, 1.0)
        else:
            fraction = np.asarray(elapsed >= self.start, dtype=np.float64)
        return np.where(elapsed < self.end, fraction, 0.0) if self.end else fraction


def due_times(rate: Rate, records: int, stop: threading.Event) -> Iterator[Floats]:
    """Yields the due times of the next records, in seconds from the start; none is in the future.

    Yields about every `POLL_INTERVAL` seconds, an empty array if nothing is due. Without a rate
    limit, records are due when they are yielded.

    Args:
        rate: Records per second.
        records: Number of records after which it ends; 0 for no limit.
        stop: Ends it when set.
    """
    started = time.monotonic()
    sent = 0
    while not stop.is_set() and (not records or sent < records):
        elapsed = time.monotonic() - started
        left = min(records - sent, MAX_BATCH) if records else MAX_BATCH
        count = min(rate.due(elapsed) - sent, left) if rate.base_rate else left
        yield rate.times(sent, count) if rate.base_rate else np.full(count, elapsed)
        sent += count
        if count < left:
            stop.wait(POLL_INTERVAL)
