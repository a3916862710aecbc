"""The process itself: what it has read, what waits, and whether it turns."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from contract.partition_watch import OpenTransaction, PartitionEnd
from monitoring.windows.batch import Place


class ReadingMetrics:
    """The main loop's, and how long its reports take."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Gauge(
            "intent_monitoring_lag",
            "Records that are yet to be read.",
            ["topic", "partition"],
            registry=registry,
        )
        self._last_stable_offset = Gauge(
            "intent_monitoring_last_stable_offset",
            "First offset of a partition that a read-committed consumer cannot read yet.",
            ["topic", "partition"],
            registry=registry,
        )
        self._end_offset = Gauge(
            "intent_monitoring_end_offset",
            "Offset of the next message of a partition. Beyond the last stable offset for as long "
            "as a transaction is open.",
            ["topic", "partition"],
            registry=registry,
        )
        self._open_transaction = Gauge(
            "intent_monitoring_open_transaction_seconds",
            "Time for which an open transaction has held back the last stable offset of a "
            "partition. Absent where none has for 5 seconds.",
            ["topic", "partition", "producer_id"],
            registry=registry,
        )
        self._records = Counter(
            "intent_monitoring_records",
            "Records read, by what became of them. The stream is what is on the topic: customers, "
            "predictions, shadow or outcomes, whatever the settings name the topic.",
            ["stream", "topic", "result"],
            registry=registry,
        )
        self.open_windows = Gauge(
            "intent_open_windows", "Windows that are not closed yet.", registry=registry
        )
        self.waiting_outcomes = Gauge(
            "intent_pending_outcomes",
            "Outcomes that wait for their window to close.",
            registry=registry,
        )
        self.report_seconds = Histogram(
            "intent_report_duration_seconds",
            "Time that a report takes.",
            buckets=(0.1, 0.3, 1, 3, 10, 30),
            registry=registry,
        )
        self.last_loop = Gauge(
            "intent_monitoring_heartbeat_timestamp_seconds",
            "Last turn of the main loop, seconds since the epoch.",
            registry=registry,
        )

    def records(self, stream: str, topic: str, results: Mapping[str, int]) -> None:
        """Counts records of a topic that were read, by what became of them."""
        for result, count in results.items():
            self._records.labels(stream, topic, result).inc(count)

    def lag(self, lag: Mapping[Place, int]) -> None:
        """What is yet to be read."""
        for (topic, partition), records in lag.items():
            self._lag.labels(topic, partition).set(records)

    def ends(
        self, ends: Mapping[Place, PartitionEnd], open_transactions: Iterable[OpenTransaction]
    ) -> None:
        """Sets how far the partitions can be read, and what holds them back."""
        for place, end in ends.items():
            self._last_stable_offset.labels(*place).set(end.last_stable)
            self._end_offset.labels(*place).set(end.end)
        self._open_transaction.clear()
        for each in open_transactions:
            labels = each.topic, each.partition, each.producer_id
            self._open_transaction.labels(*labels).set(each.seconds)
