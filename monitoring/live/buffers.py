"""Bounded buffers of recent records, latencies and rates, for the live page. Pure."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import numpy as np
from msgspec import Struct

from contract.events import Prediction
from monitoring.live.offsets import RecordTotals

T = TypeVar("T")

MAX_SUBSAMPLE: Final = 250
"""Records of a batch that are kept for the page, so that it takes no time from the windows."""

MAX_LATENCIES_PER_SECOND: Final = 2_000


def subsample(batch: Sequence[T]) -> Sequence[T]:
    """Returns at most `MAX_SUBSAMPLE` items of a batch, evenly spaced."""
    return batch[:: -(-len(batch) // MAX_SUBSAMPLE) or 1]


class RingBuffer(Generic[T]):
    """The latest items. One thread writes, others read."""

    def __init__(self, capacity: int) -> None:
        self._lock = threading.Lock()
        self._items: deque[T] = deque(maxlen=capacity)

    def extend(self, items: Sequence[T]) -> None:
        """Adds items; the oldest ones are dropped beyond the capacity."""
        with self._lock:
            self._items.extend(items)

    def to_list(self) -> list[T]:
        """Returns a copy, oldest first."""
        with self._lock:
            return list(self._items)


class LatencyQuantiles(Struct, frozen=True):
    """End-to-end latency of the predictions made in one second, in milliseconds."""

    p50: float
    p99: float


class LatencyBySecond:
    """End-to-end latencies of the latest seconds. One thread writes, others read."""

    def __init__(self, max_seconds: int) -> None:
        self._max_seconds = max_seconds
        self._lock = threading.Lock()
        self._by_second: dict[int, list[int]] = {}

    def add_predictions(self, predictions: Sequence[Prediction]) -> None:
        """Records the time from event to prediction. An event time in the future counts as 0."""
        with self._lock:
            for prediction in predictions:
                latencies = self._by_second.setdefault(prediction.scored_at // 1000, [])
                if len(latencies) < MAX_LATENCIES_PER_SECOND:
                    latencies.append(max(0, prediction.scored_at - prediction.event_time))
            for expired in sorted(self._by_second)[: -self._max_seconds]:
                del self._by_second[expired]

    def quantiles(self, second: int) -> LatencyQuantiles | None:
        """Returns the quantiles of a second since the epoch; None if it has no predictions."""
        with self._lock:
            latencies = self._by_second.get(second)
            if not latencies:
                return None
            p50, p99 = np.percentile(latencies, [50, 99])
        return LatencyQuantiles(float(p50), float(p99))


class RatePoint(Struct, frozen=True):
    """One second of the stream.

    Attributes:
        sampled_at: When the broker was asked, ms since the epoch.
        arrival_rate: Records produced per second; None if the broker did not answer.
        scoring_rate: Records scored per second; None if the broker did not answer.
        lag: Records that are not scored yet; None if unknown.
        latency_p50: Median end-to-end latency, ms; None without predictions.
        latency_p99: Its 99th percentile, ms; None without predictions.
    """

    sampled_at: int
    arrival_rate: float | None = None
    scoring_rate: float | None = None
    lag: int | None = None
    latency_p50: float | None = None
    latency_p99: float | None = None


class RateSeries:
    """The latest points of the stream. One thread writes, others read `points`."""

    def __init__(self, capacity: int) -> None:
        self._previous: RecordTotals | None = None
        self._points: deque[RatePoint] = deque(maxlen=capacity)
        self._published: tuple[RatePoint, ...] = ()

    def add_totals(
        self,
        sampled_at: int,
        totals: RecordTotals | None,
        latency_of: Callable[[int], LatencyQuantiles | None],
    ) -> None:
        """Appends a point: the rates since the previous totals.

        Latencies arrive late, with their predictions, so those of all points are updated.

        Args:
            sampled_at: When the broker was asked, ms since the epoch.
            totals: Its answer; None if it did not answer.
            latency_of: Returns the latencies of a second since the epoch.
        """
        arrival_rate = scoring_rate = None
        previous = self._previous
        if totals is not None and previous is not None and totals.at > previous.at:
            seconds = totals.at - previous.at
            arrival_rate = max(0.0, (totals.produced - previous.produced) / seconds)
            scoring_rate = max(0.0, (totals.scored - previous.scored) / seconds)
        self._previous = totals
        lag = totals.lag if totals else None
        self._points.append(RatePoint(sampled_at, arrival_rate, scoring_rate, lag))
        self._points = deque(
            (
                _with_latency(point, latency_of(point.sampled_at // 1000 - 1))
                for point in self._points
            ),
            maxlen=self._points.maxlen,
        )
        self._published = tuple(self._points)

    def points(self) -> tuple[RatePoint, ...]:
        """Returns the points, oldest first."""
        return self._published


def _with_latency(point: RatePoint, latency: LatencyQuantiles | None) -> RatePoint:
    if latency is None:
        return point
    return RatePoint(
        point.sampled_at,
        point.arrival_rate,
        point.scoring_rate,
        point.lag,
        latency.p50,
        latency.p99,
    )
