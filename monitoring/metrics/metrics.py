"""All metrics of one process, and which window each is of."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from contract.features import TARGET
from monitoring.metrics.consumer import ReadingMetrics
from monitoring.metrics.drift import DriftMetrics
from monitoring.metrics.performance import PerformanceMetrics, ShadowMetrics
from monitoring.windows.summary import Summary


class MonitoringMetrics:
    """In a registry of their own.

    Rows are those of the newest window, drift that of the newest with a report, performance that
    of the newest with enough outcomes.
    """

    def __init__(self, least_labelled: int = 1) -> None:
        """So many outcomes are needed for a window's performance to be told."""
        self.registry = CollectorRegistry()
        self._least_labelled = least_labelled
        self.windows = WindowMetrics(self.registry)
        self.drift = DriftMetrics(self.registry)
        self.performance = PerformanceMetrics(self.registry)
        self.shadows = ShadowMetrics(self.registry)
        self.reading = ReadingMetrics(self.registry)

    def known(self, newest_first: Sequence[Summary]) -> None:
        """This is what is known of the latest windows."""
        if newest_first:
            self.windows.newest(newest_first[0])
        reported = (each for each in newest_first if each.report)
        if (report := next(reported, None)) is not None:
            self.drift.reported(report)
            self.performance.expected(report)
        outcomes = (each for each in newest_first if TARGET in each.columns)
        if (judged := next(outcomes, None)) is not None:
            self.drift.judged(judged)
        enough = (each for each in newest_first if each.labelled >= self._least_labelled)
        if (measured := next(enough, None)) is not None:
            self.performance.measured(measured)


class WindowMetrics:
    """How many records windows have, and how many lack their partner."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._rows = Gauge(
            "intent_window_rows",
            "Customers of the newest window, by whether it has their prediction.",
            ["joined"],
            registry=registry,
        )
        self._invalid = Gauge(
            "intent_window_invalid_rows",
            "Customer records of the newest window that do not fit the contract.",
            ["reason"],
            registry=registry,
        )
        self._end = Gauge(
            "intent_window_end_timestamp_seconds",
            "End of the newest window, seconds since the epoch.",
            registry=registry,
        )
        self._length = Gauge(
            "intent_window_duration_seconds",
            "Length of the newest window: longer than INTENT_WINDOW_SECONDS where it was extended "
            "until it had enough rows.",
            registry=registry,
        )
        self._windows = Counter(
            "intent_windows",
            "Closed windows, by whether they have a report.",
            ["result"],
            registry=registry,
        )
        self._unjoined = Counter(
            "intent_unjoined_events",
            "Events of closed windows without their partner: customers that were not predicted, "
            "predictions without their customer.",
            ["event"],
            registry=registry,
        )

    def closed(self, summary: Summary) -> None:
        """A window was closed, and its report written if there is one."""
        self._windows.labels(summary.result).inc()
        self._unjoined.labels("customer").inc(summary.rows - summary.joined)
        self._unjoined.labels("prediction").inc(summary.predictions - summary.joined)

    def newest(self, summary: Summary) -> None:
        """This is the newest window."""
        self._rows.labels("yes").set(summary.joined)
        self._rows.labels("no").set(summary.rows - summary.joined)
        self._end.set(summary.end / 1000)
        self._length.set((summary.end - summary.start) / 1000)
        self._invalid.clear()
        for reason, count in summary.invalid.items():
            self._invalid.labels(reason).set(count)
