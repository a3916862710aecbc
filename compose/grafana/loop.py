"""The dashboard of the pipeline's health, and of the loop from an alert to a new champion."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from compose.grafana.panels import dashboard as empty
from compose.grafana.panels import lines, row, stat


def dashboard() -> Dashboard:
    """For whoever is called."""
    page = empty(
        "intent-loop",
        "Pipeline health and the loop",
        "What runs, what is alerted, and what came of it.",
    )
    for panel in (
        stat("Down", "Processes that do not answer.", "short", "sum(1 - up)", red_from=1),
        stat(
            "Critical alerts",
            "That fire.",
            "short",
            'sum(ALERTS{alertstate="firing", severity="critical"}) or vector(0)',
            red_from=1,
        ),
        stat(
            "Warnings",
            "That fire.",
            "short",
            'sum(ALERTS{alertstate="firing", severity="warning"}) or vector(0)',
            red_from=1,
        ),
        stat(
            "Alerts that wait",
            "That the topic has not taken yet.",
            "short",
            "intent_alerts_waiting",
            red_from=1,
        ),
        stat(
            "Monitoring's last turn",
            "Seconds since its main loop turned.",
            "s",
            "time() - intent_monitoring_alive_seconds",
            red_from=60,
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
            {"report": "intent_report_seconds_sum / intent_report_seconds_count"},
        ),
        lines(
            "Events without their partner",
            "Customers that were not predicted, predictions without their customer; and records "
            "that do not fit the contract.",
            "short",
            {
                "{{event}}": "sum by (event) (intent_window_unjoined_total)",
                "{{reason}}": "sum by (reason) (intent_window_invalid_rows)",
            },
        ),
    ):
        page.with_panel(panel)
