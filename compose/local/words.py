"""Figures and windows -> the words and numbers that a user reads."""

from datetime import datetime

from compose.local.bounded import Summary
from compose.local.figures import Figures, Latency
from compose.local.settings import LocalSettings
from compose.local.stages import Traffic
from compose.local.windows import Column, Window


def header(settings: LocalSettings, traffic: Traffic) -> str:
    """Where to look, and what will happen."""
    host = settings.dial_host
    pages = {
        "drift reports": f"http://{host}:{settings.monitoring_port}/",
        "metrics": ", ".join(
            f"http://{host}:{port}/metrics"
            for port in (settings.scorer_port, settings.monitoring_port, settings.simulator_port)
        ),
        "Kafka": settings.kafka_bootstrap,
        "logs": str(settings.home / "logs"),
    }
    lines = [f"{name}: {place}" for name, place in pages.items()]
    end = f"{traffic.records:,} records" if traffic.records else "Ctrl-C"
    over = f"over {traffic.drift_over:g} s" if traffic.drift_over else "at once"
    return "\n".join(
        [
            *lines,
            f"{traffic.rate:,.0f} records/s until {end}; after {traffic.drift_after:g} s the "
            f"customers change {over}: 8 years older, 1.2 times the salary",
        ]
    )


def summary_in_words(summary: Summary) -> str:
    """What a complete run has to show for itself."""
    last = summary.last
    reports = sum(1 for window in last.windows if window.report)
    rate = summary.records / summary.seconds if summary.seconds else 0
    return "\n".join(
        [
            "complete: every record has exactly one prediction or dead letter",
            f"records       {summary.records:,}",
            f"predictions   {summary.predictions:,}",
            f"dead letters  {summary.dead_letters:,}",
            f"reports       {reports:,}",
            f"throughput    {rate:,.0f} records/s over {summary.seconds:.1f} s",
            f"latency       {_latency(last.figures.overall)}",
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
        "no labels yet" if window.accuracy is None else f"{window.accuracy:.3f}",
    ]


def _drift(column: Column | None) -> str:
    if column is None:
        return ""
    return f"{column.score:.3f} DRIFT" if column.drifted else f"{column.score:.3f}"


def _latency(latency: Latency) -> str:
    return f"p50 {_milliseconds(latency.p50)}, p99 {_milliseconds(latency.p99)}"


def _milliseconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{1000 * seconds:,.0f} ms"
