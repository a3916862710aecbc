"""Renders docs/alerts.md as HTML, the target of the alerts' `runbook_url`. Monitoring serves it."""

from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

ROOT: Final = Path(__file__).parents[1]
SOURCE: Final = ROOT / "docs" / "alerts.md"
PAGE: Final = ROOT / "monitoring" / "pages" / "static" / "alerts.html"

FRAME: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Alerts</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/style.css">
</head>
<body>
<main>
{text}</main>
</body>
</html>
"""


def page() -> str:
    """The HTML. Headings have anchors as on GitHub; links to other pages become text."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(SOURCE.read_text(encoding="utf-8"))
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", tokens[index + 1].content.lower().replace(" ", "-"))
        is_external = False
        for child in token.children or ():
            if child.type == "link_open":
                is_external = not str(child.attrGet("href")).startswith("#")
            if child.tag == "a" and is_external:
                child.tag = "span"
                child.attrs.clear()
    text = markdown.renderer.render(tokens, markdown.options, {})
    return FRAME.format(text=text)
