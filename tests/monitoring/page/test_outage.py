"""What the page shows during an outage of the scorer, and of windows with a gap between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from contract.schema import CARS
from monitoring.drift.columns import PROBABILITY
from monitoring.live.buffers import RatePoint
from monitoring.live.collector import StreamSnapshot
from monitoring.performance_estimation.interval import ConfidenceInterval
from monitoring.windows.distributions import Distribution, DistributionPair
from monitoring.windows.summary import WindowSummary
from tests.monitoring.page.browsing import wait_for_figure, wait_until
from tests.support.pages import EMPTY_PAGE_DATA, a_summary, page_client

NOW = 1_795_500_000_000
SECOND, MINUTE = 1_000, 60_000
SILENCE = 42
"""Seconds since the last prediction."""

CHART = "Chart.getChart(document.querySelector('#{} canvas'))"


def rate_point(age: int, has_traffic: bool) -> RatePoint:
    """Returns the point of `age` seconds ago. The scorer stopped `SILENCE` seconds ago."""
    is_scored = age >= SILENCE
    return RatePoint(
        sampled_at=NOW - age * SECOND,
        arrival_rate=10.0 if has_traffic else 0.0,
        scoring_rate=10.0 if has_traffic and is_scored else 0.0,
        lag=max(0, 10 * (SILENCE - age)) if has_traffic else 0,
        latency_p50=20.0 if is_scored else None,
        latency_p99=70.0 if is_scored else None,
    )


def snapshot(has_traffic: bool) -> StreamSnapshot:
    points = tuple(rate_point(age, has_traffic) for age in range(119, -1, -1))
    return StreamSnapshot(points, [], "1", "1", NOW - SILENCE * SECOND, threshold=1 / 101)


def window(start: int, minutes: int = 1) -> WindowSummary:
    distribution = Distribution((0.0, 0.2, 0.9, 0.98, 1.0))
    return a_summary(
        start=start,
        end=start + minutes * MINUTE,
        report="a.html",
        outcome_report="b.html",
        accuracy_interval=ConfidenceInterval(0.9, 0.85, 0.95),
        distributions={
            name: DistributionPair(distribution, distribution)
            for name in (*CARS.numerical, PROBABILITY)
        },
    )


GAP = 70 * MINUTE
BEGIN = NOW - NOW % MINUTE - 2 * GAP
WINDOWS = [window(BEGIN + number * MINUTE) for number in range(4)]
WINDOWS += [window(WINDOWS[-1].end + GAP), window(WINDOWS[-1].end + GAP + MINUTE, minutes=4)]


@contextmanager
def show_page(browser: Browser, has_traffic: bool = True) -> Iterator[Page]:
    data = replace(
        EMPTY_PAGE_DATA,
        stream=lambda: snapshot(has_traffic),
        summaries=lambda: WINDOWS[::-1],
    )
    with page_client(data, interval=0.05, window_seconds=60) as client:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"http://localhost:{client.port}/")
        wait_for_figure(page, "arrival_rate")
        wait_until(page, "() => document.querySelectorAll('#windows tbody tr').length > 3")
        yield page
        page.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with show_page(browser) as page:
        yield page


def test_without_predictions_the_page_shows_since_when_and_the_lag(page: Page) -> None:
    expect(page.locator("#outage")).to_have_text(
        f"No predictions for {SILENCE} s; lag is 420 records: check that a worker is running."
    )
    expect(page.locator("#state")).to_contain_text("no predictions since")
    expect(page.locator("#state")).not_to_contain_text("live")


def test_stale_figures_are_marked_and_others_are_not(page: Page) -> None:
    for tile, stale in (
        ("latency_p50", True),
        ("latency_p99", True),
        ("arrival_rate", False),
        ("lag", False),
    ):
        card = page.locator("dl.tiles div", has=page.locator(f"#{tile}"))
        assert ("stale" in (card.get_attribute("class") or "")) is stale, tile
    expect(page.locator("#latency_p50 + span")).to_have_text(f"ms, {SILENCE} s ago")


def test_decision_threshold_is_beside_the_version(page: Page) -> None:
    expect(page.locator("#model_version")).to_have_text("1")
    expect(page.locator("#rule")).to_have_text("threshold 0.0099")


def test_a_stream_without_records_is_no_outage(browser: Browser) -> None:
    with show_page(browser, has_traffic=False) as page:
        expect(page.locator("#outage")).to_contain_text("no record waits")
        expect(page.locator("#state")).to_contain_text("live")


@pytest.mark.parametrize("chart", ["chart-accuracy", "chart-drift", "window-distribution-1"])
def test_a_gap_between_windows_has_the_width_of_its_duration(page: Page, chart: str) -> None:
    first, last = WINDOWS[0].start, WINDOWS[-1].end
    position = page.evaluate(
        f"(at) => {{ const {{ x }} = {CHART.format(chart)}.scales; "
        "return (x.getPixelForValue(at) - x.left) / x.width }",
        WINDOWS[4].start,
    )
    assert position == pytest.approx((WINDOWS[4].start - first) / (last - first), abs=0.02)
    ticks = page.evaluate(f"() => {CHART.format(chart)}.scales.x.ticks.map((tick) => tick.value)")
    assert len(ticks) > 1
    assert all(tick % (10 * MINUTE) == 0 for tick in ticks)
    gaps = page.evaluate(f"() => {CHART.format(chart)}.data.datasets.map((line) => line.spanGaps)")
    assert all(gap < GAP for gap in gaps), "no line crosses the gap"


def test_the_axis_of_probabilities_ends_at_zero_and_one(page: Page) -> None:
    figure = page.locator(f"[data-window-distribution='{PROBABILITY}']").get_attribute("id")
    y = page.evaluate(f"() => {CHART.format(figure)}.scales.y.getUserBounds()")
    assert (y["min"], y["max"]) == (0, 1)


def test_the_report_links_of_a_window_are_visible_without_scrolling(page: Page) -> None:
    link = page.locator("#windows tbody tr").first.get_by_role("link", name="outcomes")
    region = page.get_by_role("region", name="Windows, newest first")
    inner, outer = link.bounding_box(), region.bounding_box()
    assert inner
    assert outer
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]


def test_an_extended_window_is_marked(page: Page) -> None:
    expect(page.locator("#windows tbody tr").nth(0)).to_contain_text("4 min ↔")
    expect(page.locator("#windows tbody tr").nth(1)).to_contain_text("1 min")
