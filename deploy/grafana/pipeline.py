"""Dashboard of the pipeline's health and of retraining, from an alert to a new champion."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import at_least, new_dashboard, row, stat_panel, time_series_panel

SHADOW: Final = "sum by (champion, version) (intent_scorer_shadow"


def build_dashboard() -> Dashboard:
    """Builds the dashboard for operators."""
    dashboard = new_dashboard(
        "intent-pipeline",
        "Pipeline health and retraining",
        "Processes, alerts, and what retraining made of them.",
    )
    for panel in (
        stat_panel(
            "Targets down",
            "Processes that Prometheus cannot scrape.",
            "short",
            "sum(1 - up)",
            red=at_least(1),
        ),
        stat_panel(
            "Critical alerts",
            "Firing alerts of severity critical.",
            "short",
            'sum(ALERTS{alertstate="firing", severity="critical"}) or vector(0)',
            red=at_least(1),
        ),
        stat_panel(
            "Warnings",
            "Firing alerts of severity warning.",
            "short",
            'sum(ALERTS{alertstate="firing", severity="warning"}) or vector(0)',
            red=at_least(1),
        ),
        stat_panel(
            "Pending alerts",
            "Drift alerts that are not on the topic yet.",
            "short",
            "intent_alerts_pending",
            red=at_least(1),
        ),
        stat_panel(
            "Monitoring heartbeat age",
            "Seconds since the last turn of the main loop.",
            "s",
            "time() - intent_monitoring_heartbeat_timestamp_seconds",
            red=at_least(60),
        ),
        stat_panel(
            "Monitoring lag",
            "Records that monitoring has not read yet.",
            "short",
            "sum(intent_monitoring_lag)",
        ),
    ):
        dashboard.with_panel(panel)
    _add_retraining(dashboard)
    _add_monitoring(dashboard)
    return dashboard


def _add_retraining(dashboard: Dashboard) -> None:
    dashboard.with_row(row("Retraining"))
    for panel in (
        time_series_panel(
            "Prometheus alerts",
            "Pending and firing alerts.",
            "short",
            {
                "{{alertname}}, {{alertstate}}": "sum by (alertname, alertstate)"
                ' (ALERTS{alertname!=""})'
            },
        ),
        time_series_panel(
            "Serving versions",
            "Workers by model version. A promotion moves all workers to the new version.",
            "short",
            {"version {{version}}": "count by (version) (intent_scorer_model_info)"},
        ),
        time_series_panel(
            "Retrainings",
            "By trigger and result, since the controller was started.",
            "short",
            {"{{trigger}}, {{result}}": "sum by (trigger, result) (intent_retrainings_total)"},
        ),
        time_series_panel(
            "Decisions on versions",
            "By decision, since the controller was started.",
            "short",
            {"{{decision}}": "sum by (decision) (intent_model_decisions_total)"},
        ),
        time_series_panel(
            "Disagreement with the shadow",
            "Share of the records on which champion and shadow predict different classes.",
            "percentunit",
            {
                "version {{version}}, champion {{champion}}": f"{SHADOW}_disagreements_total)"
                f" / {SHADOW}_records_total)"
            },
        ),
        time_series_panel(
            "Accuracy difference in live evaluation",
            "Accuracy of the newer version minus that of the older one, on the same records.",
            "percentunit",
            {"{{phase}}": "intent_evaluation_accuracy_difference"},
        ),
        time_series_panel(
            "Records in live evaluation",
            "Records with an outcome that both versions scored.",
            "short",
            {"{{phase}}": "intent_evaluation_records"},
        ),
        time_series_panel(
            "Pending retraining requests",
            "Requests that wait, whether a training is running, and the rest of the cooldown.",
            "short",
            {
                "pending requests": "intent_retraining_pending_requests",
                "training is running": "intent_retraining_running",
                "cooldown, seconds": "intent_retraining_cooldown_seconds",
            },
        ),
        time_series_panel(
            "Availability of Prefect and the registry",
            "1 if it responds, 0 if not.",
            "short",
            {"Prefect": "intent_prefect_up", "registry": "intent_registry_up"},
        ),
        time_series_panel(
            "Retraining controller heartbeat age",
            "Seconds since the last tick.",
            "s",
            {"controller": "time() - intent_training_heartbeat_timestamp_seconds"},
        ),
    ):
        dashboard.with_panel(panel)


def _add_monitoring(dashboard: Dashboard) -> None:
    dashboard.with_row(row("Monitoring"))
    for panel in (
        time_series_panel(
            "Targets up",
            "Processes that Prometheus can scrape, by job.",
            "short",
            {"{{job}}": "sum by (job) (up)"},
        ),
        time_series_panel(
            "Records read by monitoring",
            "Records per second, by topic and result.",
            "short",
            {
                "{{topic}}, {{result}}": "sum by (topic, result)"
                " (rate(intent_monitoring_records_total[$__rate_interval]))"
            },
        ),
        time_series_panel(
            "Monitoring lag by topic",
            "Records that are not read yet.",
            "short",
            {"{{topic}}": "sum by (topic) (intent_monitoring_lag)"},
        ),
        time_series_panel(
            "Open windows",
            "Windows that are not closed yet.",
            "short",
            {"windows": "intent_open_windows"},
        ),
        time_series_panel(
            "Report duration",
            "Mean time to make an Evidently report.",
            "s",
            {"report": "intent_report_duration_seconds_sum / intent_report_duration_seconds_count"},
        ),
        time_series_panel(
            "Unjoined and invalid records",
            "Customers without a prediction, predictions without a customer, and records that do "
            "not match the schema.",
            "short",
            {
                "{{event}}": "sum by (event) (intent_unjoined_events_total)",
                "{{reason}}": "sum by (reason) (intent_window_invalid_rows)",
            },
        ),
    ):
        dashboard.with_panel(panel)
