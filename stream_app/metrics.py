"""Prometheus metrics of the scorer, with the names that they have there."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from contract.errors import DeadLetterReason
from contract.partition_watch import OpenTransaction, PartitionEnd
from stream_app.models.reload_metrics import ReloadMetrics
from stream_app.scoring.score import ScoredBatch

LATENCY_BUCKETS: Final = (
    0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.0125, 0.015, 0.02, 0.025, 0.03, 0.04,
    0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0,
)  # fmt: skip


class ScorerMetrics:
    """The metrics of one worker, in a registry of its own.

    Args:
        oldest_pending_seconds: Returns the age of the oldest pending work.
    """

    def __init__(self, oldest_pending_seconds: Callable[[], float] = lambda: 0.0) -> None:
        self.registry = CollectorRegistry()
        self._records = Counter(
            "intent_scorer_records",
            "Records of committed batches, by result. A tombstone is a skipped null value.",
            ["result"],
            registry=self.registry,
        )
        self._dead_letters = Counter(
            "intent_scorer_dead_letters",
            "Dead letters of committed batches, by reason.",
            ["reason"],
            registry=self.registry,
        )
        self._batch_records = Histogram(
            "intent_scorer_batch_records",
            "Records per batch.",
            buckets=(1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000),
            registry=self.registry,
        )
        self._step_seconds = Histogram(
            "intent_scorer_step_duration_seconds",
            "Duration of a batch's steps.",
            ["step"],
            buckets=(0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
            registry=self.registry,
        )
        self._latency = LatencyHistogram(
            "intent_scorer_latency_seconds",
            "Time from a record's timestamp to the commit of its prediction.",
        )
        self.registry.register(self._latency)
        self._transactions = Counter(
            "intent_scorer_transactions",
            "Transactions, by result.",
            ["result"],
            registry=self.registry,
        )
        Gauge(
            "intent_scorer_oldest_pending_seconds",
            "Age of the oldest pending work: a batch that is not committed, a partition that has "
            "unread records and delivers none, or an assignment that takes longer than a "
            "rebalance. About 0 without records to read.",
            registry=self.registry,
        ).set_function(oldest_pending_seconds)
        self._skipped = Counter(
            "intent_scorer_skipped_records",
            "Records that were deleted, by retention or manually, before this group read them.",
            registry=self.registry,
        )
        self._lag = Gauge(
            "intent_scorer_lag",
            "Offsets of a partition, up to its last stable offset, that are not read yet.",
            ["partition"],
            registry=self.registry,
        )
        self._last_stable_offset = Gauge(
            "intent_scorer_last_stable_offset",
            "First offset of a partition that a read-committed consumer cannot read yet.",
            ["partition"],
            registry=self.registry,
        )
        self._end_offset = Gauge(
            "intent_scorer_end_offset",
            "Offset of the next message of a partition. Greater than the last stable offset while "
            "a transaction is open.",
            ["partition"],
            registry=self.registry,
        )
        self._open_transaction = Gauge(
            "intent_scorer_open_transaction_seconds",
            "Time for which an open transaction has held back the last stable offset of a "
            "partition. Absent below 5 seconds.",
            ["topic", "partition", "producer_id"],
            registry=self.registry,
        )
        self.reloads = ReloadMetrics(self.registry)
        for result in ("scored", "dead_letter", "tombstone"):
            self._records.labels(result)
        for reason in DeadLetterReason:
            self._dead_letters.labels(reason)
        for result in ("committed", "aborted"):
            self._transactions.labels(result)

    def add_committed_batch(self, scored: ScoredBatch, commit_seconds: float, now: int) -> None:
        """Counts a committed batch.

        Args:
            scored: The batch.
            commit_seconds: Duration of its transaction.
            now: Time of the commit, ms since the epoch.
        """
        self._transactions.labels("committed").inc()
        self._records.labels("scored").inc(len(scored.predictions))
        self._records.labels("dead_letter").inc(len(scored.dead_letters))
        for invalid in scored.invalid.values():
            self._dead_letters.labels(invalid.reason).inc()
        self._batch_records.observe(len(scored.timestamps))
        for step, seconds in scored.step_seconds.items():
            self._step_seconds.labels(step).observe(seconds)
        self._step_seconds.labels("commit").observe(commit_seconds)
        if scored.shadow is not None:
            self._step_seconds.labels("shadow").observe(scored.shadow.seconds)
            self.reloads.add_shadow_batch(scored.shadow)
        self._latency.observe((now - scored.timestamps) / 1000)

    def add_tombstones(self, tombstones: int) -> None:
        """Counts null values of a committed batch that were skipped."""
        self._records.labels("tombstone").inc(tombstones)

    def add_aborted_transaction(self) -> None:
        """Counts an aborted transaction, whose batch is read again."""
        self._transactions.labels("aborted").inc()

    def add_skipped_records(self, records: int) -> None:
        """Counts records that were deleted before they were read."""
        self._skipped.inc(records)

    def set_offsets(
        self,
        lag: Mapping[int, int],
        ends: Mapping[int, PartitionEnd],
        open_transactions: Iterable[OpenTransaction],
    ) -> None:
        """Sets lag, last stable offset and end offset of the assigned partitions."""
        for gauge, offsets in (
            (self._lag, lag),
            (
                self._last_stable_offset,
                {partition: end.last_stable for partition, end in ends.items()},
            ),
            (self._end_offset, {partition: end.end for partition, end in ends.items()}),
        ):
            gauge.clear()
            for partition, value in offsets.items():
                gauge.labels(partition).set(value)
        self._open_transaction.clear()
        for transaction in open_transactions:
            labels = transaction.topic, transaction.partition, transaction.producer_id
            self._open_transaction.labels(*labels).set(transaction.seconds)


class LatencyHistogram(Collector):
    """A histogram that observes a whole batch at once. One by one takes 1 us per record."""

    def __init__(self, name: str, documentation: str) -> None:
        self._name = name
        self._documentation = documentation
        self._counts = np.zeros(len(LATENCY_BUCKETS) + 1, dtype=np.int64)
        self._sum = 0.0

    def observe(self, seconds: NDArray[np.float64]) -> None:
        """Counts the values, shape (n,)."""
        self._counts += np.bincount(
            np.searchsorted(LATENCY_BUCKETS, seconds), minlength=len(self._counts)
        )
        self._sum += float(seconds.sum())

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """The cumulative counts."""
        bounds = [*map(str, LATENCY_BUCKETS), "+Inf"]
        counts = np.cumsum(self._counts).tolist()
        yield HistogramMetricFamily(
            self._name,
            self._documentation,
            buckets=list(zip(bounds, counts, strict=True)),
            sum_value=self._sum,
        )
