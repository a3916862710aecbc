"""Metrics of drift: differences from the reference set, and open alert incidents."""

from typing import get_args

from prometheus_client import CollectorRegistry, Gauge, Info

from contract.events import AlertKind
from contract.schema import Schema
from monitoring.alerts import OpenIncidents
from monitoring.drift.columns import PREDICTION, performance_column
from monitoring.windows.summary import ColumnSummary, WindowSummary


class DriftMetrics:
    """Drift by column: results of the drift rule, and Evidently's distances."""

    def __init__(self, registry: CollectorRegistry, schema: Schema) -> None:
        self._target = schema.target.name
        self._of_outcomes = self._target, performance_column(schema)

        def gauge(name: str, documentation: str, *labels: str) -> Gauge:
            return Gauge(name, documentation, labels, registry=registry)

        self._sample_rows = gauge(
            "intent_window_sample_rows", "Rows of the newest report, a uniform sample."
        )
        self._dataset_drift = gauge(
            "intent_dataset_drift_detected", "Whether any feature column drifted, 0 or 1."
        )
        self._drifted_columns = gauge(
            "intent_drifted_columns", "Number of feature columns that drifted."
        )
        self._drifted_ratio = gauge(
            "intent_drifted_columns_ratio", "Share of the feature columns that drifted."
        )
        self._score = gauge(
            "intent_drift_score",
            "Evidently's distance of a column from the reference, in the column's own measure.",
            "column",
        )
        self._effect_size = gauge(
            "intent_drift_effect_size",
            "Difference of a column from the reference, in standard deviations of the reference.",
            "column",
        )
        self._z_score = gauge(
            "intent_drift_z_score",
            "Standard errors by which the effect size of a column exceeds the tolerance.",
            "column",
        )
        self._detected = gauge(
            "intent_drift_detected", "Whether a column is in alarm by the drift rule, 0 or 1.",
            "column",
        )  # fmt: skip
        self._firing = gauge(
            "intent_alert_firing", "Whether an alert incident of the kind is open, 0 or 1.", "kind"
        )
        self._pending_alerts = gauge(
            "intent_alerts_pending", "Alerts that have not been delivered to their topic yet."
        )
        self._scores_of_one_column = {
            PREDICTION: gauge(
                "intent_prediction_drift_score",
                "Evidently's distance of the predictions from those of the reference.",
            ),
            self._target: gauge(
                "intent_target_drift_score",
                "Evidently's distance of the outcomes from those of the reference.",
            ),
        }
        self._reference = Info(
            "intent_monitoring_reference",
            "Model version whose reference set the newest report was compared with.",
            registry=registry,
        )

    def set_features(self, summary: WindowSummary) -> None:
        """Sets the drift of features and predictions, from the newest window with a report."""
        self._sample_rows.set(summary.sample_rows)
        self._reference.info({"version": summary.model_version})
        self._dataset_drift.set(bool(summary.dataset_drift))
        self._drifted_columns.set(summary.drifted_columns or 0)
        self._drifted_ratio.set(summary.drifted_ratio or 0)
        for name in summary.columns.keys() - {*self._of_outcomes}:
            self._set_column(name, summary.columns[name])

    def set_outcomes(self, summary: WindowSummary) -> None:
        """Sets the drift of outcomes, from the newest window whose outcomes were compared."""
        for name in self._of_outcomes:
            self._set_column(name, summary.columns[name])

    def set_incidents(self, incidents: OpenIncidents, pending_alerts: int) -> None:
        """Sets which incidents are open, and how many alerts wait to be sent."""
        for kind in get_args(AlertKind):
            self._firing.labels(kind).set(kind in incidents)
        self._pending_alerts.set(pending_alerts)

    def _set_column(self, name: str, column: ColumnSummary) -> None:
        self._detected.labels(name).set(column.drifted)
        for gauge, value in (
            (self._score.labels(name), column.drift_score),
            (self._effect_size.labels(name), column.effect_size),
            (self._z_score.labels(name), column.z_score),
            (self._scores_of_one_column.get(name), column.drift_score),
        ):
            if gauge is not None and value is not None:
                gauge.set(value)
