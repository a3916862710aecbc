"""Closed windows, counted, and what the newest one holds."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from monitoring.summaries.summary import Summary


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
