"""The dashboard of the pipeline's health, and of the loop from an alert to a new champion."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import at_least, lines, row, stat
from deploy.grafana.panels import dashboard as empty

SHADOW: Final = "sum by (champion, version) (intent_scorer_shadow_version"


def dashboard() -> Dashboard:
    """For whoever is called."""
    page = empty(
        "intent-loop",
        "Pipeline health and the loop",
        "What runs, what is alerted, and what came of it.",
    )
    for panel in (
        stat("Down", "Processes that do not answer.", "short", "sum(1 - up)", red=at_least(1)),
        stat(
            "Critical alerts",
            "That fire.",
            "short",
            'sum(ALERTS{alertstate="firing", severity="critical"}) or vector(0)',
            red=at_least(1),
        ),
        stat(
            "Warnings",
            "That fire.",
            "short",
            'sum(ALERTS{alertstate="firing", severity="warning"}) or vector(0)',
            red=at_least(1),
        ),
        stat(
            "Alerts that wait",
            "That the topic has not taken yet.",
            "short",
            "intent_alerts_pending",
            red=at_least(1),
        ),
        stat(
            "Monitoring's last turn",
            "Seconds since its main loop turned.",
            "s",
            "time() - intent_monitoring_heartbeat_timestamp_seconds",
            red=at_least(60),
        ),
        stat("Monitoring's lag", "Records that wait.", "short", "sum(intent_monitoring_lag)"),
    ):
        page.with_panel(panel)
    _loop(page)
    _monitoring(page)
    return page


def _loop(page: Dashboard) -> None:
    page.with_row(row("From an alert to a new champion"))
    for panel in (
        lines(
            "Alerts",
            "That fire, and those that may soon.",
            "short",
            {
                "{{alertname}}, {{alertstate}}": "sum by (alertname, alertstate)"
                ' (ALERTS{alertname!=""})'
            },
        ),
        lines(
            "Versions that score",
            "A promotion is where one takes over from another.",
            "short",
            {"version {{version}}": "count by (version) (intent_scorer_model_info)"},
        ),
        lines(
            "Trainings",
            "By what caused them and what became of them, since the loop was started.",
            "short",
            {"{{trigger}}, {{result}}": "sum by (trigger, result) (intent_retrainings_total)"},
        ),
        lines(
            "Decisions on versions",
            "Since the loop was started.",
            "short",
            {"{{decision}}": "sum by (decision) (intent_model_decisions_total)"},
        ),
        lines(
            "Disagreement with the shadow",
            "Share of the records of which a version in the champion's shadow tells another class.",
            "percentunit",
            {
                "{{version}} beside {{champion}}": f"{SHADOW}_disagreements_total)"
                f" / {SHADOW}_records_total)"
            },
        ),
        lines(
            "Newer version beside the older one",
            "Accuracy of the newer one less that of the older, on the same records.",
            "percentunit",
            {"{{phase}}": "intent_evaluation_accuracy_difference"},
        ),
        lines(
            "Records that this is of",
            "With an outcome, scored by both.",
            "short",
            {"{{phase}}": "intent_evaluation_records"},
        ),
        lines(
            "Requests for a training",
            "That wait, and for how long yet.",
            "short",
            {
                "requests": "intent_retraining_pending_requests",
                "running": "intent_retraining_running",
                "seconds of cooldown": "intent_retraining_cooldown_seconds",
            },
        ),
        lines(
            "Whether Prefect and the registry answer",
            "0 or 1.",
            "short",
            {"Prefect": "intent_prefect_up", "registry": "intent_registry_up"},
        ),
        lines(
            "The loop's last turn",
            "Seconds since.",
            "s",
            {"loop": "time() - intent_training_heartbeat_timestamp_seconds"},
        ),
    ):
        page.with_panel(panel)


def _monitoring(page: Dashboard) -> None:
    page.with_row(row("The watch itself"))
    for panel in (
        lines("Processes that answer", "By job.", "short", {"{{job}}": "sum by (job) (up)"}),
        lines(
            "Records that the monitoring reads",
            "By topic and what became of them.",
            "short",
            {
                "{{topic}}, {{result}}": "sum by (topic, result)"
                " (rate(intent_monitoring_records_total[$__rate_interval]))"
            },
        ),
        lines(
            "Its lag by topic",
            "Records that are yet to be read.",
            "short",
            {"{{topic}}": "sum by (topic) (intent_monitoring_lag)"},
        ),
        lines(
            "Windows that are open",
            "Not closed yet.",
            "short",
            {"windows": "intent_open_windows"},
        ),
        lines(
            "Time of a report",
            "Mean.",
            "s",
            {"report": "intent_report_duration_seconds_sum / intent_report_duration_seconds_count"},
        ),
        lines(
            "Events without their partner",
            "Customers that were not predicted, predictions without their customer; and records "
            "that do not fit the contract.",
            "short",
            {
                "{{event}}": "sum by (event) (intent_unjoined_events_total)",
                "{{reason}}": "sum by (reason) (intent_window_invalid_rows)",
            },
        ),
    ):
        page.with_panel(panel)
