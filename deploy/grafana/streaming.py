"""The dashboard of the stream: how much, how late, what went wrong, which model."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import at_least, below, heatmap, lines, row, stat
from deploy.grafana.panels import dashboard as empty

LATENCY: Final = "sum by (le) (rate(intent_scorer_latency_seconds_bucket[$__rate_interval]))"
DEAD_LETTERS: Final = "rate(intent_scorer_dead_letters_total"
RECORDS: Final = "rate(intent_scorer_records_total[$__rate_interval])"


def dashboard() -> Dashboard:
    """For whoever runs the scorer."""
    page = empty(
        "intent-streaming", "Streaming", "Records through the scorer: throughput, latency, errors."
    )
    for panel in (
        stat("Records a second", "Answered, by all workers.", "short", f"sum({RECORDS})"),
        stat("Lag", "Records that wait.", "short", "sum(intent_scorer_lag)", red=at_least(100_000)),
        stat(
            "Latency p99",
            "From a record's timestamp to the commit of its prediction.",
            "s",
            f"histogram_quantile(0.99, {LATENCY})",
            red=at_least(5),
        ),
        stat(
            "Dead letters",
            "Share of the records with a value that did not fit the contract.",
            "percentunit",
            f'sum({DEAD_LETTERS}{{reason!="null_value"}}[$__rate_interval]))'
            f' / (sum({RECORDS}) - sum({DEAD_LETTERS}{{reason="null_value"}}[$__rate_interval])))',
            red=at_least(0.05),
        ),
        stat(
            "Workers", "Scorers that answer.", "short", 'sum(up{job="scorer"}) or vector(0)',
            red=below(1),
        ),
        stat(
            "Slow models",
            "Workers whose model scores in scikit-learn itself, a hundred times slower.",
            "short",
            "count(intent_scorer_model_compiled) - sum(intent_scorer_model_compiled)",
            red=at_least(1),
        ),
    ):  # fmt: skip
        page.with_panel(panel)
    _traffic(page)
    _latency(page)
    _errors(page)
    return page


def _traffic(page: Dashboard) -> None:
    page.with_row(row("Throughput and lag"))
    for panel in (
        lines(
            "Records by what became of them",
            "Of committed batches.",
            "short",
            {"{{result}}": f"sum by (result) ({RECORDS})"},
        ),
        lines(
            "Records by worker",
            "Uneven where partitions are.",
            "short",
            {"{{instance}}": f"sum by (instance) ({RECORDS})"},
        ),
        lines(
            "Lag by partition",
            "Records that their worker has yet to take.",
            "short",
            {"partition {{partition}}": "max by (partition) (intent_scorer_lag)"},
        ),
        lines(
            "Records in a batch",
            "Mean; a batch grows with what waits.",
            "short",
            {
                "{{instance}}": "rate(intent_scorer_batch_records_sum[$__rate_interval])"
                " / rate(intent_scorer_batch_records_count[$__rate_interval])"
            },
        ),
    ):
        page.with_panel(panel)


def _latency(page: Dashboard) -> None:
    page.with_row(row("Latency"))
    page.with_panel(
        heatmap(
            "Latency",
            "Records by the time from their timestamp to the commit of their prediction.",
            "s",
            "sum by (le) (increase(intent_scorer_latency_seconds_bucket[$__rate_interval]))",
        )
    )
    for panel in (
        lines(
            "Latency of a share of the records",
            "Half, nine tenths and all but a hundredth are answered within this time.",
            "s",
            {
                name: f"histogram_quantile({share}, {LATENCY})"
                for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))
            },
        ),
        lines(
            "Time of a batch by step",
            "Nine tenths of the batches take no longer for it.",
            "s",
            {
                "{{step}}": "histogram_quantile(0.9, sum by (le, step)"
                " (rate(intent_scorer_step_duration_seconds_bucket[$__rate_interval])))"
            },
        ),
    ):
        page.with_panel(panel)


def _errors(page: Dashboard) -> None:
    page.with_row(row("Errors and versions"))
    for panel in (
        lines(
            "Dead letters by reason",
            "Records a second that did not fit the contract.",
            "short",
            {
                "{{reason}}": "sum by (reason)"
                " (rate(intent_scorer_dead_letters_total[$__rate_interval]))"
            },
        ),
        lines(
            "Transactions",
            "One that is aborted is done again: its records are answered once all the same.",
            "short",
            {
                "{{result}}": "sum by (result)"
                " (rate(intent_scorer_transactions_total[$__rate_interval]))"
            },
        ),
        lines(
            "Oldest batch, and records lost",
            "A batch in hand for long is stuck. Records are lost where the topic deletes them "
            "before a scorer came to them.",
            "short",
            {
                "seconds, {{instance}}": "intent_scorer_oldest_pending_seconds",
                "records lost": "sum(intent_scorer_skipped_records_total)",
            },
        ),
        lines(
            "Workers by model version",
            "While a promotion spreads there are two versions.",
            "short",
            {
                "{{model}} version {{version}}": "count by (model, version)"
                " (intent_scorer_model_info)"
            },
        ),
        lines(
            "Switches of the model",
            "Since a worker was started.",
            "short",
            {"{{instance}}": "intent_scorer_model_reloads_total"},
        ),
        lines(
            "Silence of the registry",
            "Seconds since it told a worker the aliases.",
            "s",
            {"{{instance}}": "intent_scorer_registry_sync_age_seconds"},
        ),
    ):
        page.with_panel(panel)
