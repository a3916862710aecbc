"""All metrics of the monitoring, and from which window each is."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from contract.schema import Schema
from monitoring.metrics.consumer import ConsumerMetrics
from monitoring.metrics.drift import DriftMetrics
from monitoring.metrics.performance import ShadowMetrics, performance_metrics
from monitoring.windows.summary import WindowSummary


class MonitoringMetrics:
    """The metrics of one process, in a registry of their own.

    Rows are those of the newest window, drift that of the newest window with a report, performance
    that of the newest window with enough outcomes.
    """

    def __init__(self, schema: Schema, min_labelled_rows: int = 1) -> None:
        """`min_labelled_rows` is how many outcomes a window needs for performance metrics."""
        self.registry = CollectorRegistry()
        self._min_labelled_rows = min_labelled_rows
        self._target = schema.target.name
        self.windows = WindowMetrics(self.registry)
        self.drift = DriftMetrics(self.registry, schema)
        self.performance = performance_metrics(self.registry, schema.task)
        self.shadow = ShadowMetrics(self.registry)
        self.consumer = ConsumerMetrics(self.registry)

    def update_windows(self, newest_first: Sequence[WindowSummary]) -> None:
        """Sets the metrics from the latest windows."""
        if newest_first:
            self.windows.set_newest(newest_first[0])
        reported = (each for each in newest_first if each.report)
        if (summary := next(reported, None)) is not None:
            self.drift.set_features(summary)
            self.performance.set_estimate(summary)
        with_outcomes = (each for each in newest_first if self._target in each.columns)
        if (summary := next(with_outcomes, None)) is not None:
            self.drift.set_outcomes(summary)
        labelled = (each for each in newest_first if each.labelled_rows >= self._min_labelled_rows)
        if (summary := next(labelled, None)) is not None:
            self.performance.set_measured(summary)


class WindowMetrics:
    """Closed windows, and the rows of the newest one."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._rows = Gauge(
            "intent_window_rows",
            "Customers in the newest window, by whether their prediction was joined.",
            ["joined"],
            registry=registry,
        )
        self._invalid = Gauge(
            "intent_window_invalid_rows",
            "Customer records in the newest window that do not match the schema, by reason.",
            ["reason"],
            registry=registry,
        )
        self._missing_partitions = Gauge(
            "intent_window_missing_partitions",
            "Partitions whose records are missing in the newest window, as an open transaction "
            "held them back.",
            registry=registry,
        )
        self._end = Gauge(
            "intent_window_end_timestamp_seconds",
            "End of the newest window, seconds since the epoch.",
            registry=registry,
        )
        self._length = Gauge(
            "intent_window_duration_seconds",
            "Length of the newest window. Longer than INTENT_WINDOW_SECONDS if it was extended "
            "until it had enough rows.",
            registry=registry,
        )
        self._windows = Counter(
            "intent_windows",
            "Closed windows, by result: reported, too_small or report_failed.",
            ["result"],
            registry=registry,
        )
        self._updates = Counter(
            "intent_window_updates",
            "Updates of closed windows with late records.",
            registry=registry,
        )
        self._unjoined = Counter(
            "intent_unjoined_events",
            "Events that could not be joined when their window closed: customers without a "
            "prediction, predictions without a customer.",
            ["event"],
            registry=registry,
        )

    def count_closed(self, summary: WindowSummary) -> None:
        """Counts a closed window."""
        self._windows.labels(summary.result).inc()
        self._unjoined.labels("customer").inc(summary.rows - summary.joined)
        self._unjoined.labels("prediction").inc(summary.predictions - summary.joined)

    def count_update(self) -> None:
        """Counts that late records have updated a closed window."""
        self._updates.inc()

    def set_newest(self, summary: WindowSummary) -> None:
        """Sets the metrics of the newest window."""
        self._rows.labels("yes").set(summary.joined)
        self._rows.labels("no").set(summary.rows - summary.joined)
        self._missing_partitions.set(len(summary.missing_partitions))
        self._end.set(summary.end / 1000)
        self._length.set((summary.end - summary.start) / 1000)
        self._invalid.clear()
        for reason, count in summary.invalid.items():
            self._invalid.labels(reason).set(count)
