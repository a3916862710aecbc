"""Screenshots of the page for the docs, made only if SCREENSHOTS names their folder."""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from contract.settings import Settings
from monitoring.live.collector import MAX_POINTS
from tests.monitoring.page.browsing import PHONE, open_page, wait_until
from tests.monitoring.page.scenario import Scenario, run_scenario

FOLDER = os.environ.get("SCREENSHOTS", "")

FULL_PAGE: Final = {"width": 1280, "height": 860}
TOP: Final = {"width": 1280, "height": 960}

VIEWS: Final[dict[str, dict[str, Any]]] = {
    "page-light": {"color_scheme": "light", "viewport": FULL_PAGE},
    "page-dark": {"color_scheme": "dark", "viewport": FULL_PAGE},
    "page-phone": {"color_scheme": "dark", "viewport": PHONE, "device_scale_factor": 2},
    "top-light": {"color_scheme": "light", "viewport": TOP},
    "top-dark": {"color_scheme": "dark", "viewport": TOP},
}

SCENARIO: Final = Scenario(
    stable_windows=6,
    drifted_windows=0,
    live_stable_seconds=2 / 3 * MAX_POINTS,
    invalid_records=(
        b'{"Gender": "Male", "Age": 35, "AnnualSalary": ',
        b'{"Gender": "Male", "Age": "forty", "AnnualSalary": 60000}',
        b'{"Gender": "Unknown", "Age": 35, "AnnualSalary": 60000}',
        b'{"Gender": "Female", "Age": -3, "AnnualSalary": 81000}',
        None,
    ),
    untrusted_text="crm",
)
"""Drift begins while the page is visible."""

RATE_TIMES: Final = (
    "Chart.getChart(document.querySelector('#chart-rates canvas'))"
    ".data.datasets[0].data.map((point) => point.x)"
)


@pytest.mark.skipif(not FOLDER, reason="`make screenshots` makes them")
def test_screenshots_for_the_docs(
    browser: Browser, kafka: str, champion: dict[str, str], tmp_path: Path
) -> None:
    topic = Settings.model_fields["topic_customers"].default  # it is visible; no other test runs
    settings = {"kafka_bootstrap": kafka, "topic_customers": topic}
    with run_scenario(champion, tmp_path, SCENARIO, **settings) as live_page:
        with open_page(browser, live_page.url) as page:  # until the charts show live traffic alone
            newest = page.evaluate(f"() => {RATE_TIMES}.at(-1)")
            wait_until(page, f"(was) => {RATE_TIMES}[0] > was", newest, timeout=3 * MAX_POINTS)
        for name, view in VIEWS.items():
            with open_page(browser, live_page.url, reduced_motion="reduce", **view) as page:
                path = Path(FOLDER, f"{name}.png")
                page.screenshot(path=path, full_page=view["viewport"] is FULL_PAGE)
                assert path.stat().st_size > 10_000
