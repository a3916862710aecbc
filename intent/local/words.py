"""Figures and windows -> the words and numbers that a user reads."""

from datetime import datetime

from contract.schema import CARS
from contract.settings import schema_of
from intent.local.bounded import Summary
from intent.local.figures import Figures, Latency
from intent.local.settings import LocalSettings
from intent.local.windows import Column, Window


def header(settings: LocalSettings) -> str:
    """Where to look, and what will happen."""
    host = settings.dial_host
    ports = (settings.scorer_port, settings.monitoring_port, settings.simulator_port)
    lines = {
        "drift": f"http://{host}:{settings.monitoring_port}/",
        "metrics": " ".join(f"http://{host}:{port}/metrics" for port in ports),
        "Kafka": settings.kafka_bootstrap,
        "logs": str(settings.data_dir / "logs"),
        "traffic": _traffic(settings),
        "to come": _drift_to_come(settings),
    }
    return "\n".join(f"{name:<8} {text}" for name, text in lines.items())


def _traffic(settings: LocalSettings) -> str:
    rate = f"{settings.rate:,g} records/s" if settings.rate else "as fast as Kafka takes it"
    until = f"{settings.records:,} records" if settings.records else "until Ctrl-C"
    return f"{until}, {rate}, {settings.invalid_ratio:.2%} of them invalid on purpose"


def _drift_to_come(settings: LocalSettings) -> str:
    if not settings.drift_start:
        return "no drift"
    over = f"over {settings.drift_ramp:g} s" if settings.drift_ramp else "at once"
    if schema_of(settings) != CARS:
        return f"after {settings.drift_start:g} s other rows come more often, {over}"
    return (
        f"after {settings.drift_start:g} s the customers change {over}: "
        f"{settings.drift_age_shift:g} years older, {settings.drift_salary_factor:g} times the "
        "salary"
    )


def summary_in_words(summary: Summary) -> str:
    """What a complete run has to show for itself."""
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


def figures_in_words(figures: Figures) -> dict[str, str]:
    """Each figure under its name."""
    return {
        "sent": f"{figures.sent:,} ({figures.invalid:,} invalid on purpose)",
        "outcomes": f"{figures.outcomes:,}",
        "scored": f"{figures.scored:,}",
        "dead letters": f"{figures.dead_letters:,}",
        "rate": f"{figures.rate:,.0f} records/s",
        "latency": _latency(figures.latency),
        "lag": "unknown" if figures.lag is None else f"{figures.lag:,} records",
        "model": figures.model or "unknown",
        "drift in the traffic": f"{figures.drift:.0%}",
    }


def line(figures: Figures) -> str:
    """The figures in one line."""
    return "; ".join(f"{name} {value}" for name, value in figures_in_words(figures).items())


def window_in_words(window: Window, columns: list[str]) -> list[str]:
    """Its cells: when it ended, rows, drift of each of the columns, accuracy."""
    ended = datetime.fromtimestamp(window.end / 1000).astimezone()
    return [
        f"{ended:%H:%M:%S}",
        f"{window.rows:,}",
        *(_drift(window.columns.get(name)) for name in columns),
        _accuracy(window),
    ]


def _accuracy(window: Window) -> str:
    if window.accuracy is None:
        return "no outcomes yet"
    return f"{window.accuracy:.1%} of {window.labelled_rows:,}"


def _drift(column: Column | None) -> str:
    if column is None or column.effect_size is None:
        return ""
    return f"{column.effect_size:+.2f} DRIFT" if column.drifted else f"{column.effect_size:+.2f}"


def _latency(latency: Latency) -> str:
    return f"p50 {_milliseconds(latency.p50)}, p99 {_milliseconds(latency.p99)}"


def _milliseconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{1000 * seconds:,.0f} ms"
