"""Dashboard of the model: drift from its training data, and accuracy."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from contract.schema import Schema
from deploy.grafana.panels import (
    at_least,
    below,
    instance_link,
    new_dashboard,
    report_link,
    row,
    stat_panel,
    state_timeline_panel,
    time_series_panel,
)
from monitoring.drift.columns import PREDICTION, feature_columns

PAGE: Final = "Windows and reports"

ACCURACY_FLOOR: Final = 0.8
"""Threshold of the alert AccuracyLow."""


def build_dashboard(schema: Schema) -> Dashboard:
    """Builds the dashboard for those who are responsible for the model."""
    dashboard = new_dashboard(
        "intent-model",
        "Model and drift",
        "Latest closed windows compared with the reference set of the version that scored them.",
    )
    for panel in (
        stat_panel(
            "Accuracy",
            "Measured on rows with an outcome. Red below the threshold of the alert AccuracyLow.",
            "percentunit",
            "intent_accuracy and intent_labelled_rows > 0",
            red=below(ACCURACY_FLOOR),
        ),
        stat_panel(
            "Estimated accuracy",
            "Estimated from the probabilities before outcomes arrive. Same threshold.",
            "percentunit",
            'intent_estimated_accuracy{bound="value"}',
            red=below(ACCURACY_FLOOR),
        ),
        stat_panel(
            "Labelled rows",
            "Rows with an outcome, on which the accuracy is measured.",
            "short",
            "intent_labelled_rows",
        ),
        stat_panel(
            "Drifted columns",
            "Columns that drifted according to the drift rule.",
            "short",
            "intent_drifted_columns",
            red=at_least(1),
        ),
        stat_panel(
            "Open incidents",
            "Kinds of drift with a firing alert.",
            "short",
            "sum(intent_alert_firing)",
            red=at_least(1),
        ),
        stat_panel(
            "Age of the latest window",
            "Seconds since it ended.",
            "s",
            "time() - intent_window_end_timestamp_seconds",
            red=at_least(300),
        ),
    ):
        dashboard.with_panel(panel)
    _add_drift(dashboard, schema)
    _add_performance(dashboard, schema)
    _add_windows(dashboard)
    return dashboard


def _add_drift(dashboard: Dashboard, schema: Schema) -> None:
    columns = "|".join(feature_columns(schema))
    dashboard.with_row(row("Drift"))
    for panel in (
        time_series_panel(
            "Drift effect size by feature",
            "Difference from the reference, in its standard deviations.",
            "short",
            {"{{column}}": f'intent_drift_effect_size{{column=~"{columns}"}}'},
        ).data_links([report_link(), instance_link(PAGE)]),
        state_timeline_panel(
            "Drift detected",
            "Whether the drift rule considers a difference significant and large enough.",
            {"{{column}}": "intent_drift_detected"},
        ).data_links([report_link(), instance_link(PAGE)]),
        time_series_panel(
            "Drift z-score by column",
            "Standard errors by which the difference exceeds the tolerated one.",
            "short",
            {"{{column}}": "intent_drift_z_score"},
        ).data_links([report_link()]),
        time_series_panel(
            "Evidently drift score by column",
            "Distance from the reference, in the measure that Evidently chooses for the column.",
            "short",
            {"{{column}}": "intent_drift_score"},
        ).data_links([report_link()]),
        state_timeline_panel(
            "Incidents",
            "Whether an alert of this kind is firing.",
            {"{{kind}}": "intent_alert_firing"},
        ),
        time_series_panel(
            "Reference version",
            "Version whose reference set the latest report uses.",
            "short",
            {"version {{version}}": "max by (version) (intent_monitoring_reference_info)"},
        ),
    ):
        dashboard.with_panel(panel)


def _add_performance(dashboard: Dashboard, schema: Schema) -> None:
    columns = f"{PREDICTION}|{schema.target.name}"
    dashboard.with_row(row("Predictions compared with outcomes"))
    for panel in (
        time_series_panel(
            "Accuracy, measured and estimated",
            "With 95 % intervals. Measured accuracy below the estimate indicates concept shift.",
            "percentunit",
            {
                "measured": "intent_accuracy",
                "measured, {{bound}}": "intent_accuracy_bound",
                "estimated, {{bound}}": "intent_estimated_accuracy",
            },
        ),
        time_series_panel(
            "Precision, recall, F1",
            "Measured on rows with an outcome.",
            "percentunit",
            {
                "precision": "intent_precision",
                "recall": "intent_recall",
                "F1": "intent_f1",
            },
        ),
        time_series_panel(
            "Precision and recall by class",
            "Measured on rows with an outcome.",
            "percentunit",
            {
                "precision of {{class}}": "intent_class_precision",
                "recall of {{class}}": "intent_class_recall",
            },
        ),
        time_series_panel(
            "Confusion matrix",
            "Rows of the latest window with enough outcomes, by predicted class and outcome.",
            "short",
            {"predicted {{predicted}}, outcome {{outcome}}": "intent_confusion_rows"},
        ),
        time_series_panel(
            "Drift effect size of predictions and outcomes",
            "Difference from the reference, in its standard deviations. If only one of them "
            "drifts, the model is wrong for some customers.",
            "short",
            {"{{column}}": f'intent_drift_effect_size{{column=~"{columns}"}}'},
        ).data_links([report_link()]),
        time_series_panel(
            "Pending outcomes",
            "Outcomes whose window is not closed yet.",
            "short",
            {"outcomes": "intent_pending_outcomes"},
        ),
    ):
        dashboard.with_panel(panel)


def _add_windows(dashboard: Dashboard) -> None:
    dashboard.with_row(row("Windows: each point links to the report of its window"))
    for panel in (
        time_series_panel(
            "Rows of the latest window",
            "Rows with and without a prediction, and rows in the report's sample.",
            "short",
            {
                "joined: {{joined}}": "intent_window_rows",
                "in the report": "intent_window_sample_rows",
            },
        ).data_links([report_link(), instance_link(PAGE)]),
        time_series_panel(
            "Closed windows",
            "By result: with a report, or the reason for none.",
            "short",
            {"{{result}}": "intent_windows_total"},
        ).data_links([report_link(), instance_link(PAGE)]),
    ):
        dashboard.with_panel(panel)
