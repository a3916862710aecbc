"""The page in a browser: opened, watched for faults, and waited for."""

import time
from typing import Any, Final

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.builders import BUSY

expect.set_options(timeout=BUSY * 5_000)  # ms; 5,000 is the library's own

PHONE: Final = ViewportSize(width=390, height=844)

DRAWN: Final = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}"""


class opened:  # noqa: N801 reads as a function
    """A browser's page; fails if the page's own script does, or is refused a thing."""

    def __init__(self, browser: Browser, url: str, forgiving: bool = False, **options: Any) -> None:
        self._forgiving = forgiving
        self._context = browser.new_context(**options)
        self._url = url
        self._faults: list[str] = []

    def __enter__(self) -> Page:
        page = self._context.new_page()
        page.on("pageerror", lambda fault: self._faults.append(str(fault)))
        page.on("console", self._said)
        page.goto(self._url)
        until(page, "() => document.querySelectorAll('#windows tbody tr').length > 3")
        known(page, "arrived")
        return page

    def __exit__(self, kind: object, *_: object) -> None:
        self._context.close()
        assert kind or self._forgiving or not self._faults, self._faults

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self._faults.append(message.text)


def until(page: Page, condition: str, given: object = None, deadline: float = 20) -> None:
    """Waits until a function of the page's says so; the page's policy forbids its own waiting."""
    ends_at = time.monotonic() + BUSY * deadline
    while not page.evaluate(condition, given):
        assert time.monotonic() < ends_at, f"not so within {deadline} s: {condition}"
        page.wait_for_timeout(50)


def known(page: Page, tile: str) -> None:
    """Waits until the tile has a figure."""
    until(page, "(id) => /\\d/.test(document.getElementById(id).textContent)", tile)
