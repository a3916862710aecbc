"""The pictures of the page in docs, made only where SCREENSHOTS names their folder."""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from monitoring.live.live import MOMENTS
from tests.monitoring.page.conftest import Stage, opened, until

FOLDER = os.environ.get("SCREENSHOTS", "")

WHOLE: Final = {"width": 1280, "height": 860}
TOP: Final = {"width": 1280, "height": 960}
PHONE: Final = {"width": 390, "height": 844}

VIEWS: Final[dict[str, dict[str, Any]]] = {
    "page-light": {"color_scheme": "light", "viewport": WHOLE},
    "page-dark": {"color_scheme": "dark", "viewport": WHOLE},
    "page-phone": {"color_scheme": "dark", "viewport": PHONE, "device_scale_factor": 2},
    "top-light": {"color_scheme": "light", "viewport": TOP},
    "top-dark": {"color_scheme": "dark", "viewport": TOP},
}


@pytest.mark.skipif(not FOLDER, reason="pictures for docs are made by `make screenshots`")
def test_pictures_for_the_docs(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage) as page:  # until the charts of the last two minutes are full
        chart = "Chart.getChart(document.querySelector('#chart-rate canvas'))"
        full = f"(all) => {chart}.data.labels.length >= all"
        until(page, full, MOMENTS, deadline=3 * MOMENTS)
    for name, view in VIEWS.items():
        with opened(browser, stage, reduced_motion="reduce", **view) as page:
            path = Path(FOLDER, f"{name}.png")
            page.screenshot(path=path, full_page=view["viewport"] is WHOLE)
            assert path.stat().st_size > 10_000
