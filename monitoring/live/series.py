"""The stream's figures, second by second, for as long as the page draws them. Pure."""

from collections import deque
from collections.abc import Callable

from msgspec import Struct

from monitoring.live.ends import Ends
from monitoring.live.latency import Delay


class Moment(Struct, frozen=True):
    """A second of the stream.

    Attributes:
        at: when, in ms since the epoch.
        arrived, answered: records a second; None where the broker did not say.
        lag: records without an answer yet.
        p50, p99: milliseconds from event to prediction; None without predictions.
    """

    at: int
    arrived: float | None = None
    answered: float | None = None
    lag: int | None = None
    p50: float | None = None
    p99: float | None = None


class Series:
    """The latest moments. Used by one thread; `moments` by any."""

    def __init__(self, kept: int) -> None:
        self._before: Ends | None = None
        self._moments: deque[Moment] = deque(maxlen=kept)
        self._told: tuple[Moment, ...] = ()

    def add(self, at: int, ends: Ends | None, delay_of: Callable[[int], Delay | None]) -> None:
        """A second is over, at `at` (ms); `delay_of` gives the delays of a second of the epoch.

        Delays come late, with the predictions that tell of them: they are looked up once more.
        """
        arrived = answered = None
        if ends is not None and self._before is not None and ends.at > self._before.at:
            seconds = ends.at - self._before.at
            arrived = max(0.0, (ends.written - self._before.written) / seconds)
            answered = max(0.0, (ends.answered - self._before.answered) / seconds)
        self._before = ends
        self._moments.append(Moment(at, arrived, answered, ends.lag if ends else None))
        self._moments = deque(
            (_with(each, delay_of(each.at // 1000 - 1)) for each in self._moments),
            maxlen=self._moments.maxlen,
        )
        self._told = tuple(self._moments)

    def moments(self) -> tuple[Moment, ...]:
        """The oldest first."""
        return self._told


def _with(moment: Moment, delay: Delay | None) -> Moment:
    if delay is None:
        return moment
    return Moment(moment.at, moment.arrived, moment.answered, moment.lag, delay.p50, delay.p99)
