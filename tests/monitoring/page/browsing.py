"""Opens the live page in a browser, waits for it, and fails on errors of its scripts."""

import time
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.builders import SLOW_MACHINE_FACTOR

expect.set_options(timeout=SLOW_MACHINE_FACTOR * 20_000)  # ms

PHONE: Final = ViewportSize(width=390, height=844)

IS_DRAWN: Final = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}"""


class open_page:  # noqa: N801 reads as a function
    """Opens the page in its own context. Fails on a script error or on a blocked resource."""

    def __init__(
        self, browser: Browser, url: str, ignore_errors: bool = False, **options: Any
    ) -> None:
        self._ignore_errors = ignore_errors
        self._context = browser.new_context(**options)
        self._url = url
        self._errors: list[str] = []

    def __enter__(self) -> Page:
        page = self._context.new_page()
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on("console", self._on_console)
        page.goto(self._url)
        wait_until(page, "() => document.querySelectorAll('#windows tbody tr').length > 3")
        wait_for_figure(page, "arrival_rate")
        return page

    def __exit__(self, kind: object, *_: object) -> None:
        self._context.close()
        assert kind or self._ignore_errors or not self._errors, self._errors

    def _on_console(self, message: Any) -> None:
        if message.type == "error":
            self._errors.append(message.text)


def wait_until(page: Page, condition: str, argument: object = None, timeout: float = 20) -> None:
    """Waits until a JavaScript function is true. The page's policy forbids Playwright's own wait.

    Args:
        page: The page.
        condition: The function.
        argument: Its argument.
        timeout: Seconds.
    """
    deadline = time.monotonic() + SLOW_MACHINE_FACTOR * timeout
    while not page.evaluate(condition, argument):
        assert time.monotonic() < deadline, f"not true within {timeout} s: {condition}"
        page.wait_for_timeout(50)


def wait_for_figure(page: Page, tile: str) -> None:
    """Waits until the tile shows a number."""
    wait_until(page, "(id) => /\\d/.test(document.getElementById(id).textContent)", tile)


def check_on_phone(browser: Browser, url: str) -> None:
    """The page fits on a phone, and Axe finds nothing that is not accessible there."""
    with open_page(browser, url, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
