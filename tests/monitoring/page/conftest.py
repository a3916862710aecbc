"""A real browser, and a stage for it.

Both end with this folder: the tests elsewhere have the machine, and their thread's event loop, to
themselves.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.monitoring.page.browsing import opened
from tests.monitoring.page.stage import Play, Stage, staged


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    assert found, "these tests need Chromium: apt-get install chromium"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def stage(
    kafka: str, champion: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """It has drifted."""
    home = tmp_path_factory.mktemp("page")
    with staged(champion, home, Play(), kafka_bootstrap=kafka) as found:
        yield found


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    """The page, drawn, in a window of a browser that knows nobody. Nothing may go wrong in it."""
    with opened(browser, stage.url) as found:
        yield found
