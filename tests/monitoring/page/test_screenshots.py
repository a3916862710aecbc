"""The pictures of the page in docs, made only where SCREENSHOTS names their folder."""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from monitoring.live.live import MOMENTS
from tests.monitoring.page.conftest import Stage, opened, until

FOLDER = os.environ.get("SCREENSHOTS", "")

VIEWS: Final[dict[str, dict[str, Any]]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 860}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 860}},
    "phone": {
        "color_scheme": "dark",
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
    },
}


@pytest.mark.skipif(not FOLDER, reason="pictures for docs are made by `make screenshots`")
def test_pictures_for_the_docs(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage) as page:  # until the charts of the last two minutes are full
        chart = "Chart.getChart(document.querySelector('#chart-rate canvas'))"
        full = f"(all) => {chart}.data.labels.length >= all"
        until(page, full, MOMENTS, deadline=3 * MOMENTS)
    for name, view in VIEWS.items():
        with opened(browser, stage, **view) as page:
            page.wait_for_timeout(2_000)  # the charts' own movement ends
            path = Path(FOLDER, f"page-{name}.png")
            page.screenshot(path=path, full_page=name != "phone")
            assert path.stat().st_size > 10_000
