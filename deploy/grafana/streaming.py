"""Dashboard of the stream: throughput, lag, latency, errors and serving versions."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import (
    at_least,
    below,
    heatmap_panel,
    new_dashboard,
    row,
    stat_panel,
    time_series_panel,
)

LATENCY: Final = "sum by (le) (rate(intent_scorer_latency_seconds_bucket[$__rate_interval]))"
DEAD_LETTERS: Final = "rate(intent_scorer_dead_letters_total"
RECORDS: Final = "rate(intent_scorer_records_total[$__rate_interval])"


def build_dashboard() -> Dashboard:
    """Builds the dashboard for operators of the scorer."""
    dashboard = new_dashboard(
        "intent-streaming", "Streaming", "The scorer: throughput, latency, errors."
    )
    for panel in (
        stat_panel(
            "Throughput",
            "Records per second that all workers score.",
            "short",
            f"sum({RECORDS})",
        ),
        stat_panel(
            "Lag",
            "Records that are not scored yet.",
            "short",
            "sum(intent_scorer_lag)",
            red=at_least(100_000),
        ),
        stat_panel(
            "End-to-end latency p99",
            "From a record's timestamp to the commit of its prediction.",
            "s",
            f"histogram_quantile(0.99, {LATENCY})",
            red=at_least(5),
        ),
        stat_panel(
            "Dead-letter ratio",
            "Share of the records with a value that do not match the schema.",
            "percentunit",
            f'sum({DEAD_LETTERS}{{reason!="null_value"}}[$__rate_interval]))'
            f' / (sum({RECORDS}) - sum({DEAD_LETTERS}{{reason="null_value"}}[$__rate_interval])))',
            red=at_least(0.05),
        ),
        stat_panel(
            "Workers",
            "Scorers that Prometheus can scrape.",
            "short",
            'sum(up{job="scorer"}) or vector(0)',
            red=below(1),
        ),
        stat_panel(
            "Workers without a compiled model",
            "They score with scikit-learn, which is about a hundred times slower.",
            "short",
            "count(intent_scorer_model_compiled) - sum(intent_scorer_model_compiled)",
            red=at_least(1),
        ),
    ):
        dashboard.with_panel(panel)
    _add_throughput(dashboard)
    _add_latency(dashboard)
    _add_errors(dashboard)
    return dashboard


def _add_throughput(dashboard: Dashboard) -> None:
    dashboard.with_row(row("Throughput and lag"))
    for panel in (
        time_series_panel(
            "Records by result",
            "Records per second in committed batches.",
            "short",
            {"{{result}}": f"sum by (result) ({RECORDS})"},
        ),
        time_series_panel(
            "Records by worker",
            "Records per second. Uneven if the partitions are.",
            "short",
            {"{{instance}}": f"sum by (instance) ({RECORDS})"},
        ),
        time_series_panel(
            "Lag by partition",
            "Records that are not scored yet.",
            "short",
            {"partition {{partition}}": "max by (partition) (intent_scorer_lag)"},
        ),
        time_series_panel(
            "Batch size",
            "Mean number of records. Batches grow with the lag.",
            "short",
            {
                "{{instance}}": "rate(intent_scorer_batch_records_sum[$__rate_interval])"
                " / rate(intent_scorer_batch_records_count[$__rate_interval])"
            },
        ),
    ):
        dashboard.with_panel(panel)


def _add_latency(dashboard: Dashboard) -> None:
    dashboard.with_row(row("Latency"))
    dashboard.with_panel(
        heatmap_panel(
            "End-to-end latency",
            "Records by the time from their timestamp to the commit of their prediction.",
            "s",
            "sum by (le) (increase(intent_scorer_latency_seconds_bucket[$__rate_interval]))",
        )
    )
    for panel in (
        time_series_panel(
            "End-to-end latency quantiles",
            "From a record's timestamp to the commit of its prediction.",
            "s",
            {
                name: f"histogram_quantile({share}, {LATENCY})"
                for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))
            },
        ),
        time_series_panel(
            "Batch duration by step, p90",
            "Time that a batch spends in each step.",
            "s",
            {
                "{{step}}": "histogram_quantile(0.9, sum by (le, step)"
                " (rate(intent_scorer_step_duration_seconds_bucket[$__rate_interval])))"
            },
        ),
    ):
        dashboard.with_panel(panel)


def _add_errors(dashboard: Dashboard) -> None:
    dashboard.with_row(row("Errors and versions"))
    for panel in (
        time_series_panel(
            "Dead letters by reason",
            "Records per second that do not match the schema.",
            "short",
            {
                "{{reason}}": "sum by (reason)"
                " (rate(intent_scorer_dead_letters_total[$__rate_interval]))"
            },
        ),
        time_series_panel(
            "Transactions",
            "Per second, by result. The records of an aborted one are scored again, and get one "
            "prediction.",
            "short",
            {
                "{{result}}": "sum by (result)"
                " (rate(intent_scorer_transactions_total[$__rate_interval]))"
            },
        ),
        time_series_panel(
            "Oldest pending batch, skipped records",
            "An old pending batch is stuck. Records are skipped if the topic's retention deletes "
            "them before they are scored.",
            "short",
            {
                "oldest batch, seconds, {{instance}}": "intent_scorer_oldest_pending_seconds",
                "skipped records": "sum(intent_scorer_skipped_records_total)",
            },
        ),
        time_series_panel(
            "Workers by model version",
            "During a promotion there are two versions.",
            "short",
            {
                "{{model}} version {{version}}": "count by (model, version)"
                " (intent_scorer_model_info)"
            },
        ),
        time_series_panel(
            "Model reloads",
            "Since the worker was started.",
            "short",
            {"{{instance}}": "intent_scorer_model_reloads_total"},
        ),
        time_series_panel(
            "Registry sync age",
            "Seconds since a worker last read the aliases.",
            "s",
            {"{{instance}}": "intent_scorer_registry_sync_age_seconds"},
        ),
    ):
        dashboard.with_panel(panel)
