"""The vendored chart library is the published one, with its licence; the page loads no other."""

from hashlib import sha256

from monitoring.pages.app import PAGES_FOLDER

FOLDER = PAGES_FOLDER / "static" / "vendor" / "chart.js"

CHART_JS = "87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2"
"""SHA-256 of dist/chart.umd.min.js in chart.js 4.6.1 on npm."""


def test_the_chart_library_is_unchanged() -> None:
    code = (FOLDER / "chart.umd.min.js").read_bytes()
    assert sha256(code).hexdigest() == CHART_JS
    assert b"Chart.js v4.6.1" in code[:100]


def test_its_licence_is_beside_it() -> None:
    assert "MIT" in (FOLDER / "LICENSE.md").read_text()


def test_the_page_loads_nothing_from_other_servers() -> None:
    files = [*PAGES_FOLDER.glob("static/*"), PAGES_FOLDER / "page.html"]
    for file in files:
        if file.is_file() and file.suffix != ".svg":
            text = file.read_text()
            for scheme in ("https://", "http://", "@import", "url("):
                assert scheme not in text.replace('"http://www.w3.org', ""), (file, scheme)
