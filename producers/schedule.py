"""When records are due, and how far the population has drifted. Pure: time is an argument."""

from dataclasses import dataclass

import numpy as np

from data.population import Floats


@dataclass(frozen=True, slots=True)
class Rate:
    """Records a second, with a burst at the end of each interval.

    Attributes:
        usual: records a second outside a burst; 0 is as many as can be.
        burst_interval: seconds from the start of one interval to the next; 0 is no bursts.
        burst_duration: length of a burst, no longer than the interval.
        burst_factor: rate in a burst as a multiple of the usual one.
    """

    usual: float
    burst_interval: float = 0.0
    burst_duration: float = 0.0
    burst_factor: float = 1.0

    def due(self, elapsed: float) -> int:
        """Records that are due in the first `elapsed` seconds; `usual` must not be 0."""
        intervals, rest = (
            divmod(elapsed, self.burst_interval) if self.burst_interval else (0, elapsed)
        )
        in_bursts = intervals * self._burst + max(0.0, rest - self._quiet)
        return int(self.usual * (elapsed + (self.burst_factor - 1) * in_bursts))

    def times(self, first: int, count: int) -> Floats:
        """When the records numbered from `first` are due: seconds from the start, shape (count,).

        The first of all, number 0, is due when `due` becomes 1.
        """
        numbers = np.arange(first + 1, first + count + 1, dtype=np.float64)
        if not self.burst_interval:
            return numbers / self.usual
        before_burst = self.usual * self._quiet
        each_interval = before_burst + self.usual * self.burst_factor * self._burst
        intervals, rest = np.divmod(numbers, each_interval)
        late = np.maximum(0.0, rest - before_burst)
        return (
            intervals * self.burst_interval
            + (rest - late) / self.usual
            + late / (self.usual * self.burst_factor)
        )

    @property
    def _burst(self) -> float:
        return min(self.burst_duration, self.burst_interval)

    @property
    def _quiet(self) -> float:
        return self.burst_interval - self._burst if self.burst_interval else float("inf")


@dataclass(frozen=True, slots=True)
class Drift:
    """A drift that begins after so many seconds and takes so many; `after` 0 is never.

    From second `until` on the population is again as it was before; 0 is never.
    """

    after: float = 0.0
    over: float = 0.0
    until: float = 0.0

    def share(self, elapsed: Floats) -> Floats:
        """How much of the drift is there at each time (seconds), from 0 (none) to 1 (complete)."""
        if not self.after:
            return np.zeros_like(elapsed)
        if self.over:
            share = np.clip((elapsed - self.after) / self.over, 0.0, 1.0)
        else:
            share = np.asarray(elapsed >= self.after, dtype=np.float64)
        return np.where(elapsed < self.until, share, 0.0) if self.until else share
