"""What is shipped of others is what its makers published, with its licence beside it."""

from hashlib import sha256

from monitoring.pages.page import HERE

FOLDER = HERE / "static" / "vendor" / "chart.js"

CHART_JS = "87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2"
"""Of dist/chart.umd.min.js in chart.js 4.6.1 on npm."""


def test_the_chart_library_is_unchanged() -> None:
    code = (FOLDER / "chart.umd.min.js").read_bytes()
    assert sha256(code).hexdigest() == CHART_JS
    assert b"Chart.js v4.6.1" in code[:100]


def test_its_licence_is_beside_it() -> None:
    assert "MIT" in (FOLDER / "LICENSE.md").read_text()


def test_the_page_asks_nobody_else_for_anything() -> None:
    ours = [*HERE.glob("static/*"), HERE / "page.html"]
    for file in ours:
        if file.is_file() and file.suffix != ".svg":
            text = file.read_text()
            for word in ("https://", "http://", "@import", "url("):
                assert word not in text.replace('"http://www.w3.org', ""), (file, word)
