"""The rendered site: links of staged pages, and what the builder refuses."""

import tomllib

import pytest

from tools import site


def test_links_between_pages_hold_on_the_site() -> None:
    text, broken = site.rewrite("README.md", "[a](docs/drift.md#x) [b](CONTRIBUTING.md) [c](#d)\n")
    assert text == "[a](drift.md#x) [b](contributing.md) [c](#d)\n"
    text, more = site.rewrite(
        "docs/how-to/upgrade.md", "[a](../../CHANGELOG.md) [b](../decisions)\n"
    )
    assert text == "[a](../changelog.md) [b](../decisions/README.md)\n"
    assert broken + more == []


def test_a_link_may_run_over_a_line() -> None:
    assert site.rewrite("README.md", "[a\nb](docs/drift.md)\n")[0] == "[a\nb](drift.md)\n"


def test_a_link_to_a_file_that_is_no_page_becomes_text() -> None:
    assert site.rewrite("docs/compose.md", "[it](../compose/.env)\n") == ("it\n", [])


def test_a_link_to_nothing_is_named_with_its_line() -> None:
    assert site.rewrite("docs/drift.md", "\n[it](nowhere.md)\n")[1] == [
        "docs/drift.md:2: nowhere.md"
    ]


def test_code_and_addresses_are_left_alone() -> None:
    text = "```sh\n[it](nowhere.md)\n```\n[it](https://example.org/a)\n"
    assert site.rewrite("docs/drift.md", text) == (text, [])


def test_pictures_in_html_are_found() -> None:
    text, _ = site.rewrite("README.md", '<img src="docs/images/top-light.png">\n')
    assert text == '<img src="images/top-light.png">\n'


def test_every_page_is_in_the_navigation() -> None:
    project = tomllib.loads(site.CONFIG.read_text("utf-8"))["project"]
    site.check_navigation(project["nav"])
    with pytest.raises(site.BrokenSite, match=r"drift\.md"):
        site.check_navigation([name for name in site.listed(project["nav"]) if name != "drift.md"])
