"""The dashboard of the model: whether the stream is still the one it was trained on."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from contract.features import TARGET
from deploy.grafana.panels import (
    at_least,
    below,
    lines,
    page_of_instance,
    report_of_window,
    row,
    stat,
    switches,
)
from deploy.grafana.panels import dashboard as empty
from monitoring.drift.columns import OF_RECORDS, PREDICTION

COLUMNS: Final = f'{{column=~"{"|".join(OF_RECORDS)}"}}'
ANSWERS: Final = f'{{column=~"{PREDICTION}|{TARGET}"}}'
REPORTS: Final = "Windows and reports"

ACCURACY_FLOOR: Final = 0.8
"""That of the alert AccuracyLow."""


def dashboard() -> Dashboard:
    """For whoever answers for the predictions."""
    page = empty(
        "intent-model",
        "Model and drift",
        "The newest closed windows against the reference set of the version that scored them.",
    )
    for panel in (
        stat(
            "Accuracy",
            "Where outcomes are known. Red below the floor of the alert AccuracyLow.",
            "percentunit",
            "intent_accuracy and intent_labelled_rows > 0",
            red=below(ACCURACY_FLOOR),
        ),
        stat(
            "Expected accuracy",
            "What the probabilities let expect, before outcomes are known. Red below that floor.",
            "percentunit",
            'intent_estimated_accuracy{bound="value"}',
            red=below(ACCURACY_FLOOR),
        ),
        stat("Known outcomes", "Rows of the accuracy.", "short", "intent_labelled_rows"),
        stat("Drifted columns", "By our rule.", "short", "intent_drifted_columns", red=at_least(1)),
        stat(
            "Episodes", "Kinds of drift that go on.", "short", "sum(intent_alert_firing)",
            red=at_least(1),
        ),
        stat(
            "Newest window",
            "Seconds since it ended.",
            "s",
            "time() - intent_window_end_timestamp_seconds",
            red=at_least(300),
        ),
    ):  # fmt: skip
        page.with_panel(panel)
    _drift(page)
    _truth(page)
    _windows(page)
    return page


def _drift(page: Dashboard) -> None:
    page.with_row(row("Drift"))
    for panel in (
        lines(
            "Difference by feature",
            "From the reference, in its standard deviations.",
            "short",
            {"{{column}}": f"intent_drift_effect_size{COLUMNS}"},
        ).data_links([report_of_window(), page_of_instance(REPORTS)]),
        switches(
            "Drifted by our rule",
            "Whether the difference is real and worth hearing of.",
            {"{{column}}": "intent_drift_detected"},
        ).data_links([report_of_window(), page_of_instance(REPORTS)]),
        lines(
            "Evidence by column",
            "Standard errors by which a difference is beyond what is tolerated.",
            "short",
            {"{{column}}": "intent_drift_z_score"},
        ).data_links([report_of_window()]),
        lines(
            "Evidently's distance by column",
            "From the reference, each in its own measure.",
            "short",
            {"{{column}}": "intent_drift_score"},
        ).data_links([report_of_window()]),
        switches(
            "Episodes",
            "When drift of a kind was going on; an alert is written when it begins and ends.",
            {"{{kind}}": "intent_alert_firing"},
        ),
        lines(
            "Model version",
            "Whose reference set the newest report compares with.",
            "short",
            {"version {{version}}": "max by (version) (intent_monitoring_reference_info)"},
        ),
    ):
        page.with_panel(panel)


def _truth(page: Dashboard) -> None:
    page.with_row(row("Prediction against outcome"))
    for panel in (
        lines(
            "Accuracy, measured and expected",
            "With their 95 % intervals. Measured below what is expected: the model no longer knows "
            "its customers.",
            "percentunit",
            {
                "measured": "intent_accuracy",
                "measured, {{bound}}": "intent_accuracy_bound",
                "expected, {{bound}}": "intent_estimated_accuracy",
            },
        ),
        lines(
            "Precision, recall, F1",
            "Where outcomes are known.",
            "percentunit",
            {
                "precision": "intent_precision",
                "recall": "intent_recall",
                "F1": "intent_f1",
            },
        ),
        lines(
            "Quality by class",
            "Precision and recall of each class, where outcomes are known.",
            "percentunit",
            {
                "precision of {{class}}": "intent_class_precision",
                "recall of {{class}}": "intent_class_recall",
            },
        ),
        lines(
            "Confusion",
            "Rows of the newest window with enough outcomes, by what was predicted and what came.",
            "short",
            {"predicted {{predicted}}, came {{outcome}}": "intent_confusion_rows"},
        ),
        lines(
            "Predictions and outcomes",
            "Difference of what is predicted, and of what customers then do, from the reference. "
            "Where one moves and the other does not, the model is wrong about somebody.",
            "short",
            {"{{column}}": f"intent_drift_effect_size{ANSWERS}"},
        ).data_links([report_of_window()]),
        lines(
            "Outcomes that wait",
            "For their window to close.",
            "short",
            {"outcomes": "intent_pending_outcomes"},
        ),
    ):
        page.with_panel(panel)


def _windows(page: Dashboard) -> None:
    page.with_row(row("Windows: a point's link leads to its window's report"))
    for panel in (
        lines(
            "Rows of the newest window",
            "By whether they have their prediction; and of the sample that its report is of.",
            "short",
            {
                "joined: {{joined}}": "intent_window_rows",
                "in the report": "intent_window_sample_rows",
            },
        ).data_links([report_of_window(), page_of_instance(REPORTS)]),
        lines(
            "Closed windows",
            "By whether they have a report.",
            "short",
            {"{{result}}": "intent_windows_total"},
        ).data_links([report_of_window(), page_of_instance(REPORTS)]),
    ):
        page.with_panel(panel)
