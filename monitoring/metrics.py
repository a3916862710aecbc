"""Every figure of the monitoring, by the name that it has in Prometheus."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from contract.features import TARGET
from monitoring.drift import PREDICTION
from monitoring.summary import Summary
from monitoring.window import Place


class MonitoringMetrics:
    """The metrics of one process, in a registry of its own. Drift is that of the newest report."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._rows = self._gauge("intent_window_rows", "Customer records of the newest window.")
        self._end = self._gauge(
            "intent_window_end_seconds", "End of the newest window, seconds since the epoch."
        )
        self._windows = Counter(
            "intent_windows",
            "Closed windows, by whether they have a report.",
            ["result"],
            registry=self.registry,
        )
        self._dataset = self._gauge("intent_drift_dataset", "Whether the data set drifted, 0 or 1.")
        self._columns = self._gauge("intent_drift_columns", "Feature columns that drifted.")
        self._share = self._gauge(
            "intent_drift_columns_share", "Share of the feature columns that drifted."
        )
        self._score = self._gauge(
            "intent_drift_score",
            "Distance of a column from the reference, in its own measure.",
            "column",
        )
        self._detected = self._gauge(
            "intent_drift_detected", "Whether a column drifted, 0 or 1.", "column"
        )
        self._prediction = self._gauge(
            "intent_prediction_drift_score", "Distance of the predictions from the reference."
        )
        self._target = self._gauge(
            "intent_target_drift_score", "Distance of the outcomes from the reference."
        )
        self._labelled = self._gauge(
            "intent_labelled_rows", "Sampled rows of the newest labelled window with an outcome."
        )
        self._performance = {
            name: self._gauge(f"intent_{name}", f"{text} of the newest labelled window.")
            for name, text in (
                ("accuracy", "Accuracy"),
                ("precision", "Precision"),
                ("recall", "Recall"),
                ("f1", "F1 score"),
            )
        }
        self._lag = self._gauge(
            "intent_monitoring_lag", "Records that are yet to be read.", "topic", "partition"
        )
        self._records = Counter(
            "intent_monitoring_records",
            "Records read, by what became of them.",
            ["topic", "result"],
            registry=self.registry,
        )
        self.report_seconds = Histogram(
            "intent_report_seconds",
            "Time that a window's report takes.",
            buckets=(0.1, 0.3, 1, 3, 10, 30),
            registry=self.registry,
        )
        self.last_loop = self._gauge(
            "intent_monitoring_alive_seconds",
            "Last turn of the main loop, seconds since the epoch.",
        )
        self._reference = Info(
            "intent_monitoring_reference",
            "The champion whose reference set windows are compared with.",
            registry=self.registry,
        )

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(name, documentation, labels, registry=self.registry)

    def reference(self, model: str, version: str) -> None:
        """Another champion's reference set is compared with from now on."""
        self._reference.info({"model": model, "version": version})

    def records(self, topic: str, result: str) -> None:
        """A record was read."""
        self._records.labels(topic, result).inc()

    def lag(self, lag: Mapping[Place, int]) -> None:
        """What is yet to be read."""
        for (topic, partition), records in lag.items():
            self._lag.labels(topic, partition).set(records)

    def closed(self, summary: Summary) -> None:
        """A window was closed, and its report written if there is one."""
        self._windows.labels(summary.result).inc()
        self._rows.set(summary.rows)
        self._end.set(summary.end / 1000)
        if summary.drifted_columns is None:
            return
        self._dataset.set(bool(summary.dataset_drift))
        self._columns.set(summary.drifted_columns)
        self._share.set(summary.drifted_share or 0)
        for name, column in summary.columns.items():
            self._score.labels(name).set(column.score)
            self._detected.labels(name).set(column.drifted)
        for gauge, name in ((self._prediction, PREDICTION), (self._target, TARGET)):
            if name in summary.columns:
                gauge.set(summary.columns[name].score)

    def measured(self, summary: Summary) -> None:
        """The newest window with outcomes has these figures."""
        self._labelled.set(summary.labelled)
        for name, gauge in self._performance.items():
            value = getattr(summary, name)
            gauge.set(float("nan") if value is None else value)
