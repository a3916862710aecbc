"""How the newest reported window differs from the reference, and the episodes of drift."""

from prometheus_client import CollectorRegistry, Gauge, Info

from contract.features import TARGET
from monitoring.alerts import COLUMNS, Episodes
from monitoring.drift.columns import CORRECT, PREDICTION
from monitoring.windows.summary import Column, Summary


class DriftMetrics:
    """Column by column, by our rule and by Evidently's distances."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, documentation: str, *labels: str) -> Gauge:
            return Gauge(name, documentation, labels, registry=registry)

        self._sample = gauge(
            "intent_window_sample_rows", "Rows of the newest report, a uniform sample."
        )
        self._dataset = gauge(
            "intent_dataset_drift_detected", "Whether any feature column drifted, 0 or 1."
        )
        self._columns = gauge("intent_drifted_columns", "Feature columns that drifted.")
        self._share = gauge(
            "intent_drifted_columns_ratio", "Share of the feature columns that drifted."
        )
        self._score = gauge(
            "intent_drift_score",
            "Evidently's distance of a column from the reference, in the column's own measure.",
            "column",
        )
        self._effect = gauge(
            "intent_drift_effect_size",
            "Difference of a column from the reference, in standard deviations of the reference.",
            "column",
        )
        self._evidence = gauge(
            "intent_drift_z_score",
            "Standard errors by which that difference is beyond what is tolerated.",
            "column",
        )
        self._detected = gauge(
            "intent_drift_detected", "Whether a column drifted by our rule, 0 or 1.", "column"
        )
        self._episode = gauge(
            "intent_alert_firing", "Whether an episode of that kind is open, 0 or 1.", "kind"
        )
        self._waiting_alerts = gauge(
            "intent_alerts_pending", "Alerts that the topic has not taken yet."
        )
        self._alone = {
            PREDICTION: gauge(
                "intent_prediction_drift_score",
                "Evidently's distance of the predictions from those of the reference.",
            ),
            TARGET: gauge(
                "intent_target_drift_score",
                "Evidently's distance of the outcomes from those of the reference.",
            ),
        }
        self._reference = Info(
            "intent_monitoring_reference",
            "The model version whose reference set the newest report compares with.",
            registry=registry,
        )

    def reported(self, summary: Summary) -> None:
        """This is the newest window with a report."""
        self._sample.set(summary.sample_rows)
        self._reference.info({"version": summary.model_version})
        self._dataset.set(bool(summary.dataset_drift))
        self._columns.set(summary.drifted_columns or 0)
        self._share.set(summary.drifted_share or 0)
        for name in summary.columns.keys() - {TARGET, CORRECT}:
            self._column(name, summary.columns[name])

    def judged(self, summary: Summary) -> None:
        """This is the newest window whose outcomes were judged."""
        for name in (TARGET, CORRECT):
            self._column(name, summary.columns[name])

    def episodes(self, open_: Episodes, waiting: int) -> None:
        """These episodes are open, and so many alerts of them wait to be sent."""
        for kind in COLUMNS:
            self._episode.labels(kind).set(kind in open_)
        self._waiting_alerts.set(waiting)

    def _column(self, name: str, column: Column) -> None:
        self._detected.labels(name).set(column.drifted)
        for gauge, value in (
            (self._score.labels(name), column.score),
            (self._effect.labels(name), column.effect),
            (self._evidence.labels(name), column.evidence),
            (self._alone.get(name), column.score),
        ):
            if gauge is not None and value is not None:
                gauge.set(value)
