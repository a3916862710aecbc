"""Formats metrics, windows and summaries for the terminal."""

from datetime import datetime

from contract.schema import CARS
from contract.settings import schema_of
from intent.local.bounded_run import RunSummary
from intent.local.settings import LocalSettings
from intent.local.status import Latency, PipelineMetrics, WindowColumn, WindowStatus


def format_header(settings: LocalSettings) -> str:
    """Addresses, log folder, and the traffic that the simulator will send."""
    host = settings.dial_host
    ports = (settings.scorer_port, settings.monitoring_port, settings.simulator_port)
    lines = {
        "page": f"http://{host}:{settings.monitoring_port}/",
        "metrics": " ".join(f"http://{host}:{port}/metrics" for port in ports),
        "Kafka": settings.kafka_bootstrap,
        "logs": str(settings.data_dir / "logs"),
        "traffic": _traffic(settings),
        "drift at": _simulated_drift(settings),
    }
    return "\n".join(f"{name:<8} {text}" for name, text in lines.items())


def _traffic(settings: LocalSettings) -> str:
    rate = f"{settings.rate:,g} records/s" if settings.rate else "as fast as Kafka accepts it"
    until = f"{settings.records:,} records" if settings.records else "until Ctrl-C"
    return f"{until}, {rate}, {settings.invalid_ratio:.2%} of them invalid on purpose"


def _simulated_drift(settings: LocalSettings) -> str:
    if not settings.drift_start:
        return "no drift"
    over = f"over {settings.drift_ramp:g} s" if settings.drift_ramp else "immediately"
    if schema_of(settings) != CARS:
        return f"after {settings.drift_start:g} s some rows are drawn more often, {over}"
    return (
        f"after {settings.drift_start:g} s the customers change {over}: "
        f"{settings.drift_age_shift:g} years older, {settings.drift_salary_factor:g} times the "
        "salary"
    )


def format_summary(summary: RunSummary) -> str:
    """Counts, throughput and latency of a complete run."""
    rate = summary.records / summary.seconds if summary.seconds else 0
    return "\n".join(
        [
            "complete: every record has exactly one prediction or dead letter",
            f"records       {summary.records:,}",
            f"predictions   {summary.predictions:,}",
            f"dead letters  {summary.dead_letters:,}",
            f"reports       {summary.reports:,}",
            f"throughput    {rate:,.0f} records/s over {summary.seconds:.1f} s",
            f"latency       {_latency(summary.latency)}",
        ]
    )


def format_metrics(metrics: PipelineMetrics) -> dict[str, str]:
    """Formatted metrics by name."""
    return {
        "sent": f"{metrics.sent:,} ({metrics.invalid:,} invalid on purpose)",
        "outcomes": f"{metrics.outcomes:,}",
        "scored": f"{metrics.scored:,}",
        "dead letters": f"{metrics.dead_letters:,}",
        "rate": f"{metrics.rate:,.0f} records/s",
        "latency": _latency(metrics.latency),
        "lag": "unknown" if metrics.lag is None else f"{metrics.lag:,} records",
        "model": metrics.model or "unknown",
        "simulated drift": f"{metrics.drift:.0%}",
    }


def format_metrics_line(metrics: PipelineMetrics) -> str:
    """The metrics on one line."""
    return "; ".join(f"{name} {value}" for name, value in format_metrics(metrics).items())


def format_window(window: WindowStatus, columns: list[str]) -> list[str]:
    """Cells of a table row: end time, rows, drift of each column, performance."""
    ended = datetime.fromtimestamp(window.end / 1000).astimezone()
    return [
        f"{ended:%H:%M:%S}",
        f"{window.rows:,}",
        *(_drift(window.columns.get(name)) for name in columns),
        _performance(window),
    ]


def _performance(window: WindowStatus) -> str:
    if window.regression is not None:
        mae, coverage = window.regression.mae, window.regression.coverage
        scores = [f"{mae.value:.3g}"] if mae else []
        scores += [f"{coverage.value:.1%} inside"] if coverage else []
        return f"{', '.join(scores) or 'undefined'}, of {window.labelled_rows:,}"
    if window.accuracy is None:
        return "no outcomes yet"
    return f"{window.accuracy:.1%} of {window.labelled_rows:,}"


def _drift(column: WindowColumn | None) -> str:
    if column is None or column.effect_size is None:
        return ""
    return f"{column.effect_size:+.2f} DRIFT" if column.drifted else f"{column.effect_size:+.2f}"


def _latency(latency: Latency) -> str:
    return f"p50 {_milliseconds(latency.p50)}, p99 {_milliseconds(latency.p99)}"


def _milliseconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{1000 * seconds:,.0f} ms"
