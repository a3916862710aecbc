"""What the page shows while the scorer is away, and of windows with a gap between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from contract.features import NUMERICAL
from monitoring.drift.columns import PROBABILITY
from monitoring.live.live import Now
from monitoring.live.series import Moment
from monitoring.performance_estimation.interval import Interval
from monitoring.windows.distributions import Beside, Spread
from monitoring.windows.summary import Summary
from tests.monitoring.page.browsing import known, until
from tests.support.pages import NOTHING, a_summary, client

NOW = 1_795_500_000_000
SECOND, MINUTE = 1_000, 60_000
QUIET = 42
"""Seconds since the last prediction."""

CHART = "Chart.getChart(document.querySelector('#{} canvas'))"


def moment(age: int) -> Moment:
    delay = {"p50": 20.0, "p99": 70.0} if age >= QUIET else {}
    return Moment(
        NOW - age * SECOND, 10.0, 10.0 if delay else 0.0, max(0, 10 * (QUIET - age)), **delay
    )


def now(waiting: bool = True) -> Now:
    moments = tuple(moment(age) for age in range(119, -1, -1))
    if not waiting:
        moments = tuple(Moment(each.at, 0.0, 0.0, 0, each.p50, each.p99) for each in moments)
    return Now(moments, [], "1", "1", NOW - QUIET * SECOND)


def window(start: int, minutes: int = 1) -> Summary:
    spread = Spread((0.0, 0.2, 0.9, 0.98, 1.0))
    return a_summary(
        start=start,
        end=start + minutes * MINUTE,
        report="a.html",
        target_report="b.html",
        accuracy_interval=Interval(0.9, 0.85, 0.95),
        spreads={name: Beside(spread, spread) for name in (*NUMERICAL, PROBABILITY)},
    )


GAP = 70 * MINUTE
BEGIN = NOW - NOW % MINUTE - 2 * GAP
WINDOWS = [window(BEGIN + each * MINUTE) for each in range(4)]
WINDOWS += [window(WINDOWS[-1].end + GAP), window(WINDOWS[-1].end + GAP + MINUTE, minutes=4)]


@contextmanager
def shown(browser: Browser, waiting: bool = True) -> Iterator[Page]:
    sources = replace(NOTHING, now=lambda: now(waiting), summaries=lambda: WINDOWS[::-1])
    with client(sources, every=0.05, window_seconds=60) as own:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"http://localhost:{own.port}/")
        known(page, "arrived")
        until(page, "() => document.querySelectorAll('#windows tbody tr').length > 3")
        yield page
        page.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with shown(browser) as found:
        yield found


def test_without_predictions_the_page_says_since_when_and_how_many_wait(page: Page) -> None:
    expect(page.locator("#quiet")).to_have_text(
        f"No predictions for {QUIET} s; 420 records wait: check that a scorer runs."
    )
    expect(page.locator("#state")).to_contain_text("no predictions since")
    expect(page.locator("#state")).not_to_contain_text("live")


def test_figures_that_are_old_are_marked_and_others_are_not(page: Page) -> None:
    for tile, stale in (("p50", True), ("p99", True), ("arrived", False), ("lag", False)):
        card = page.locator("dl.tiles div", has=page.locator(f"#{tile}"))
        assert ("stale" in (card.get_attribute("class") or "")) is stale, tile
    expect(page.locator("#p50 + span")).to_have_text(f"ms, {QUIET} s ago")


def test_a_stream_without_records_is_no_outage(browser: Browser) -> None:
    with shown(browser, waiting=False) as page:
        expect(page.locator("#quiet")).to_contain_text("no record waits")
        expect(page.locator("#state")).to_contain_text("live")


@pytest.mark.parametrize("chart", ["chart-accuracy", "chart-drift", "spread-1"])
def test_a_gap_between_windows_is_as_wide_as_it_was_long(page: Page, chart: str) -> None:
    first, last = WINDOWS[0].start, WINDOWS[-1].end
    place = page.evaluate(
        f"(at) => {{ const {{ x }} = {CHART.format(chart)}.scales; "
        "return (x.getPixelForValue(at) - x.left) / x.width }",
        WINDOWS[4].start,
    )
    assert place == pytest.approx((WINDOWS[4].start - first) / (last - first), abs=0.02)
    ticks = page.evaluate(f"() => {CHART.format(chart)}.scales.x.ticks.map((each) => each.value)")
    assert len(ticks) > 1
    assert all(each % (10 * MINUTE) == 0 for each in ticks)
    lines = page.evaluate(f"() => {CHART.format(chart)}.data.datasets.map((each) => each.spanGaps)")
    assert all(each < GAP for each in lines), "no line crosses it"


def test_no_axis_shows_a_probability_that_cannot_be(page: Page) -> None:
    figure = page.locator(f"[data-spread='{PROBABILITY}']").get_attribute("id")
    y = page.evaluate(f"() => {CHART.format(figure)}.scales.y.getUserBounds()")
    assert (y["min"], y["max"]) == (0, 1)


def test_the_reports_of_a_window_are_seen_without_scrolling(page: Page) -> None:
    link = page.locator("#windows tbody tr").first.get_by_role("link", name="outcomes")
    region = page.get_by_role("region", name="Windows, newest first")
    inner, outer = link.bounding_box(), region.bounding_box()
    assert inner
    assert outer
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]


def test_a_window_that_was_extended_says_so(page: Page) -> None:
    expect(page.locator("#windows tbody tr").nth(0)).to_contain_text("4 min ↔")
    expect(page.locator("#windows tbody tr").nth(1)).to_contain_text("1 min")
