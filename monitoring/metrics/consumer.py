"""Metrics of the process itself: what it has read, what is pending, and whether it is alive."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from contract.partition_watch import OpenTransaction, PartitionEnd
from monitoring.windows.batch import TopicPartition


class ConsumerMetrics:
    """Metrics of the main loop, and the duration of reports."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Gauge(
            "intent_monitoring_lag",
            "Records of a partition, up to its last stable offset, that are not read yet.",
            ["topic", "partition"],
            registry=registry,
        )
        self._last_stable_offset = Gauge(
            "intent_monitoring_last_stable_offset",
            "Last stable offset of a partition: the first that a read-committed consumer cannot "
            "read yet.",
            ["topic", "partition"],
            registry=registry,
        )
        self._end_offset = Gauge(
            "intent_monitoring_end_offset",
            "Offset of the next message of a partition. Exceeds the last stable offset while a "
            "transaction is open.",
            ["topic", "partition"],
            registry=registry,
        )
        self._open_transaction = Gauge(
            "intent_monitoring_open_transaction_seconds",
            "How long an open transaction has held back the last stable offset of a partition. "
            "Absent if none has for 5 seconds.",
            ["topic", "partition", "producer_id"],
            registry=registry,
        )
        self._records = Counter(
            "intent_monitoring_records",
            "Records read, by result. The stream is customers, predictions, shadow or outcomes, "
            "whatever the settings name the topic. late_windowed: late, and added to its closed "
            "window; late: dropped, as its window takes no more records.",
            ["stream", "topic", "result"],
            registry=registry,
        )
        self.open_windows = Gauge(
            "intent_open_windows", "Windows that are not closed yet.", registry=registry
        )
        self.pending_outcomes = Gauge(
            "intent_pending_outcomes",
            "Outcomes that wait for their window to close.",
            registry=registry,
        )
        self.report_seconds = Histogram(
            "intent_report_duration_seconds",
            "Duration of making a report.",
            buckets=(0.1, 0.3, 1, 3, 10, 30),
            registry=registry,
        )
        self.heartbeat = Gauge(
            "intent_monitoring_heartbeat_timestamp_seconds",
            "Last iteration of the main loop, seconds since the epoch.",
            registry=registry,
        )

    def count_records(self, stream: str, topic: str, results: Mapping[str, int]) -> None:
        """Counts records of a topic by result."""
        for result, count in results.items():
            self._records.labels(stream, topic, result).inc(count)

    def set_lag(self, lag: Mapping[TopicPartition, int]) -> None:
        """Sets the records that are not read yet."""
        for (topic, partition), records in lag.items():
            self._lag.labels(topic, partition).set(records)

    def set_partition_ends(
        self,
        ends: Mapping[TopicPartition, PartitionEnd],
        open_transactions: Iterable[OpenTransaction],
    ) -> None:
        """Sets how far partitions can be read, and the transactions that hold them back."""
        for partition, end in ends.items():
            self._last_stable_offset.labels(*partition).set(end.last_stable)
            self._end_offset.labels(*partition).set(end.end)
        self._open_transaction.clear()
        for transaction in open_transactions:
            labels = transaction.topic, transaction.partition, transaction.producer_id
            self._open_transaction.labels(*labels).set(transaction.seconds)
