"""A browser, and a live page with traffic.

Both end with this folder, so that other tests have the machine and their thread's event loop to
themselves.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.monitoring.page.browsing import open_page
from tests.monitoring.page.scenario import LivePage, Scenario, run_scenario


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    assert executable, "these tests need Chromium: apt-get install chromium"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def live_page(
    kafka: str, champion: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LivePage]:
    """The page of a stream that has drifted."""
    data_dir = tmp_path_factory.mktemp("page")
    with run_scenario(champion, data_dir, Scenario(), kafka_bootstrap=kafka) as live_page:
        yield live_page


@pytest.fixture
def page(browser: Browser, live_page: LivePage) -> Iterator[Page]:
    """The page in a new browser context. Fails on any error in it."""
    with open_page(browser, live_page.url) as page:
        yield page
