"""The pictures of the page in docs, made only where SCREENSHOTS names their folder."""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from contract.settings import Settings
from monitoring.live.live import MOMENTS
from tests.monitoring.page.browsing import opened, until
from tests.monitoring.page.stage import Play, staged

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

PLAY: Final = Play(
    calm=6,
    drifted=0,
    then_calm=2 / 3 * MOMENTS,
    bad=(
        b'{"Gender": "Male", "Age": 35, "AnnualSalary": ',
        b'{"Gender": "Male", "Age": "forty", "AnnualSalary": 60000}',
        b'{"Gender": "Unknown", "Age": 35, "AnnualSalary": 60000}',
        b'{"Gender": "Female", "Age": -3, "AnnualSalary": 81000}',
        None,
    ),
    stranger="crm",
)
"""A drift in the middle of what is seen, as a reader of the docs may know it."""

RATE: Final = (
    "Chart.getChart(document.querySelector('#chart-rate canvas'))"
    ".data.datasets[0].data.map((each) => each.x)"
)


@pytest.mark.skipif(not FOLDER, reason="pictures for docs are made by `make screenshots`")
def test_pictures_for_the_docs(
    browser: Browser, kafka: str, champion: dict[str, str], tmp_path: Path
) -> None:
    named = Settings.model_fields["topic_customers"].default  # is seen: no other test runs beside
    with staged(champion, tmp_path, PLAY, kafka_bootstrap=kafka, topic_customers=named) as stage:
        with opened(browser, stage.url) as page:  # until the charts show nothing of the past
            newest = page.evaluate(f"() => {RATE}.at(-1)")
            until(page, f"(was) => {RATE}[0] > was", newest, deadline=3 * MOMENTS)
        for name, view in VIEWS.items():
            with opened(browser, stage.url, reduced_motion="reduce", **view) as page:
                path = Path(FOLDER, f"{name}.png")
                page.screenshot(path=path, full_page=view["viewport"] is WHOLE)
                assert path.stat().st_size > 10_000
