"""When records are due, and how far the population has drifted. Pure: time is an argument."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """Records a second, with a burst at the end of each interval.

    Attributes:
        usual: records a second outside a burst.
        burst_every: seconds from the start of one interval to the next; 0 is no bursts.
        burst_seconds: length of a burst, no longer than the interval.
        burst_factor: rate in a burst as a multiple of the usual one.
    """

    usual: float
    burst_every: float = 0.0
    burst_seconds: float = 0.0
    burst_factor: float = 1.0

    def due(self, elapsed: float) -> int:
        """Records that are due in the first `elapsed` seconds."""
        return int(self.usual * (elapsed + (self.burst_factor - 1) * self._in_bursts(elapsed)))

    def _in_bursts(self, elapsed: float) -> float:
        if not self.burst_every:
            return 0.0
        burst = min(self.burst_seconds, self.burst_every)
        intervals, rest = divmod(elapsed, self.burst_every)
        return intervals * burst + max(0.0, rest - (self.burst_every - burst))


@dataclass(frozen=True, slots=True)
class Drift:
    """A drift that begins after so many seconds and takes so many; `after` 0 is never."""

    after: float = 0.0
    over: float = 0.0

    def share(self, elapsed: float) -> float:
        """How much of the drift is there, from 0 (none) to 1 (complete)."""
        if not self.after or elapsed < self.after:
            return 0.0
        return 1.0 if not self.over else min(1.0, (elapsed - self.after) / self.over)
