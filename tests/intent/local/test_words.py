"""What the user reads: figures, windows, summary, and the screen or lines that they are on."""

import io

import pytest
from rich.console import Console

from contract.settings import load
from intent.local.bounded import Summary
from intent.local.display import Lines, Screen, display
from intent.local.figures import Figures, Latency, Meter
from intent.local.scrape import Samples
from intent.local.settings import LocalSettings
from intent.local.view import View
from intent.local.windows import Column, Window
from intent.local.words import figures_in_words, header, summary_in_words, window_in_words

FIGURES = Figures(
    sent=12_345,
    invalid=5,
    outcomes=9_000,
    scored=12_300,
    dead_letters=5,
    rate=998.4,
    latency=Latency(0.0204, 0.11),
    overall=Latency(0.03, 0.4),
    lag=40,
    drift=0.25,
    model="car-purchase 3",
)
CALM = Window(
    start=0,
    end=10_000,
    rows=9_990,
    result="reported",
    columns={"Age": Column(0.03, drifted=False)},
    labelled_rows=5_000,
    accuracy=0.885,
    report="a.html",
)
DRIFTED = Window(
    start=10_000,
    end=20_000,
    rows=100,
    result="reported",
    columns={"Age": Column(0.79, drifted=True)},
    report="b.html",
)


def printed(terminal: bool, views: list[View]) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, soft_wrap=True)
    with display(console) as shown:
        assert isinstance(shown, Screen if terminal else Lines)
        for view in views:
            shown.show(view)
    return out.getvalue()


def test_figures_have_their_units() -> None:
    words = figures_in_words(FIGURES)

    assert words["latency"] == "p50 20 ms, p99 110 ms"
    assert words["rate"] == "998 records/s"
    assert words["lag"] == "40 records"
    assert words["drift in the traffic"] == "25%"


def test_what_is_not_known_is_called_unknown() -> None:
    words = figures_in_words(Meter().figures(Samples(), Samples(), 0))

    assert words["latency"] == "p50 unknown, p99 unknown"
    assert words["lag"] == words["model"] == "unknown"


def test_a_window_shows_the_drift_of_each_column_and_what_its_accuracy_is_of() -> None:
    assert window_in_words(CALM, ["Age", "Gender"])[1:] == ["9,990", "+0.03", "", "88.5% of 5,000"]
    assert window_in_words(DRIFTED, ["Age"])[1:] == ["100", "+0.79 DRIFT", "no outcomes yet"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "after 60 s the customers change over 20 s: 8 years older, 1.2 times the salary"),
        ({"drift_start": 30, "drift_ramp": 0}, "after 30 s the customers change at once"),
        ({"drift_start": 0}, "no drift"),
    ],
)
def test_the_user_is_told_beforehand_how_the_customers_will_change(
    changes: dict[str, float], said: str
) -> None:
    assert said in header(load(LocalSettings, **changes))


def test_the_header_has_the_addresses_of_pages_and_broker() -> None:
    said = header(
        load(
            LocalSettings,
            listen_host="0.0.0.0",  # noqa: S104
            listen_allow_anonymous=True,
            scorer_port=1234,
        )
    )

    assert "http://127.0.0.1:1234/metrics" in said
    assert "http://127.0.0.1:8002/" in said
    assert "127.0.0.1:9092" in said


def test_a_summary_tells_throughput_from_its_own_seconds() -> None:
    said = summary_in_words(Summary(20_000, 19_980, 20, 2, 20.0, Latency(0.02, 0.1)))

    assert "throughput    1,000 records/s over 20.0 s" in said
    assert "dead letters  20" in said


def test_on_a_terminal_the_newest_view_is_drawn() -> None:
    said = printed(True, [View(FIGURES, [DRIFTED, CALM])])

    assert "12,345" in said
    assert "+0.79 DRIFT" in said
    assert "88.5% of 5,000" in said


def test_elsewhere_each_window_gets_one_line_and_the_figures_one_now_and_then() -> None:
    views = [View(FIGURES, [CALM]), View(FIGURES, [DRIFTED, CALM]), View(FIGURES, [DRIFTED, CALM])]

    lines = printed(False, views).splitlines()

    assert [line.split(";")[0].startswith("window ended") for line in lines].count(True) == 2
    assert sum(line.startswith("sent 12,345") for line in lines) == 1
    assert not any("\x1b" in line for line in lines)
