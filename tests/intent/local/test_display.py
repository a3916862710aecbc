"""What the user reads: metrics, windows, summary, as tables on a terminal or as lines."""

import io

import pytest
from msgspec.structs import replace
from rich.console import Console

from contract.schema import CARS
from contract.schema.task import Task
from contract.settings import load
from intent.local.bounded_run import RunSummary
from intent.local.display import LiveTables, LogLines, display
from intent.local.format import format_header, format_metrics, format_summary, format_window
from intent.local.scrape import Samples
from intent.local.settings import LocalSettings
from intent.local.status import (
    Latency,
    MeasuredScore,
    MetricsAggregator,
    PipelineMetrics,
    PipelineStatus,
    WindowColumn,
    WindowErrors,
    WindowStatus,
)
from tests.examples.deliveries import SCHEMA

METRICS = PipelineMetrics(
    sent=12_345,
    invalid=5,
    outcomes=9_000,
    scored=12_300,
    dead_letters=5,
    rate=998.4,
    latency=Latency(0.0204, 0.11),
    total_latency=Latency(0.03, 0.4),
    lag=40,
    drift=0.25,
    model="car-purchase 3",
)
CALM = WindowStatus(
    start=0,
    end=10_000,
    rows=9_990,
    result="reported",
    columns={"Age": WindowColumn(0.03, drifted=False)},
    labelled_rows=5_000,
    accuracy=0.885,
    report="a.html",
)
DRIFTED = WindowStatus(
    start=10_000,
    end=20_000,
    rows=100,
    result="reported",
    columns={"Age": WindowColumn(0.79, drifted=True)},
    report="b.html",
)


def printed(terminal: bool, statuses: list[PipelineStatus], task: Task = CARS.task) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, soft_wrap=True)
    with display(console, task) as shown:
        assert isinstance(shown, LiveTables if terminal else LogLines)
        for status in statuses:
            shown.show(status)
    return out.getvalue()


def test_metrics_are_formatted_with_units() -> None:
    formatted = format_metrics(METRICS)

    assert formatted["latency"] == "p50 20 ms, p99 110 ms"
    assert formatted["rate"] == "998 records/s"
    assert formatted["lag"] == "40 records"
    assert formatted["simulated drift"] == "25%"


def test_unknown_metrics_are_formatted_as_unknown() -> None:
    formatted = format_metrics(MetricsAggregator().add_scrape(Samples(), Samples(), 0))

    assert formatted["latency"] == "p50 unknown, p99 unknown"
    assert formatted["lag"] == formatted["model"] == "unknown"


def test_window_shows_drift_by_column_and_accuracy_with_its_number_of_rows() -> None:
    assert format_window(CALM, ["Age", "Gender"])[1:] == ["9,990", "+0.03", "", "88.5% of 5,000"]
    assert format_window(DRIFTED, ["Age"])[1:] == ["100", "+0.79 DRIFT", "no outcomes yet"]


def test_window_of_numbers_shows_their_error_and_the_share_inside_of_the_intervals() -> None:
    errors = WindowErrors(MeasuredScore(4.1234), MeasuredScore(0.8975))
    numbers = replace(CALM, accuracy=None, regression=errors)
    assert format_window(numbers, [])[-1] == "4.12, 89.8% inside, of 5,000"
    without = replace(numbers, regression=WindowErrors(MeasuredScore(4.1234)))
    assert format_window(without, [])[-1] == "4.12, of 5,000"
    statuses = [PipelineStatus(METRICS, [DRIFTED, numbers])]
    assert "mean absolute error" in printed(True, statuses, SCHEMA.task)
    lines = printed(False, statuses, SCHEMA.task)
    assert "mean absolute error 4.12" in lines
    assert "mean absolute error no outcomes yet" in lines


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "after 60 s the customers change over 20 s: 8 years older, 1.2 times the salary"),
        ({"drift_start": 30, "drift_ramp": 0}, "after 30 s the customers change immediately"),
        ({"drift_start": 0}, "no drift"),
    ],
)
def test_header_announces_the_simulated_drift(changes: dict[str, float], text: str) -> None:
    assert text in format_header(load(LocalSettings, **changes))


def test_header_has_the_addresses_of_pages_and_broker() -> None:
    text = format_header(
        load(
            LocalSettings,
            listen_host="0.0.0.0",  # noqa: S104
            listen_allow_anonymous=True,
            scorer_port=1234,
        )
    )

    assert "http://127.0.0.1:1234/metrics" in text
    assert "http://127.0.0.1:8002/" in text
    assert "127.0.0.1:9092" in text


def test_summary_computes_throughput_from_its_own_seconds() -> None:
    text = format_summary(RunSummary(20_000, 19_980, 20, 2, 20.0, Latency(0.02, 0.1)))

    assert "throughput    1,000 records/s over 20.0 s" in text
    assert "dead letters  20" in text


def test_terminal_shows_the_newest_status() -> None:
    text = printed(True, [PipelineStatus(METRICS, [DRIFTED, CALM])])

    assert "12,345" in text
    assert "+0.79 DRIFT" in text
    assert "88.5% of 5,000" in text


def test_without_a_terminal_windows_and_metrics_are_lines() -> None:
    statuses = [
        PipelineStatus(METRICS, [CALM]),
        PipelineStatus(METRICS, [DRIFTED, CALM]),
        PipelineStatus(METRICS, [DRIFTED, CALM]),
    ]

    lines = printed(False, statuses).splitlines()

    assert [line.split(";")[0].startswith("window ended") for line in lines].count(True) == 2
    assert sum(line.startswith("sent 12,345") for line in lines) == 1
    assert not any("\x1b" in line for line in lines)
