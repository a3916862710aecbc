"""`python -m tools.site [--check]`: the rendered site, from docs and the pages at the root.

Pages are copied to a staging folder in which every link stays within the site. A link to a file
that does not exist ends the command with 1; Zensical then checks the links between pages, with
their anchors, and renders. Nothing asks the network.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Final

ROOT: Final = Path(__file__).parents[1]
CONFIG: Final = ROOT / "zensical.toml"

AT_THE_ROOT: Final = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "reporting.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "RELEASING.md": "releasing.md",
    "data/README.md": "data-set.md",
    "examples/pumps/README.md": "pumps.md",
}
"""Pages outside docs, and their names on the site."""

FOLDERS: Final = {"docs/benchmarks", "docs/decisions", "docs/retraining-scenarios"}
"""Folders whose README is the page that a link to the folder leads to."""

LINK: Final = re.compile(
    r"(?P<code>^ *```.*?^ *```$)"
    r"|(?P<mark>!?)\[(?P<label>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)"
    r'|\b(?P<name>src|srcset)="(?P<file>[^"]+)"',
    re.MULTILINE | re.DOTALL,
)
"""A block of code, which is left alone; a link or picture; a picture in HTML."""


class BrokenSite(Exception):
    """The site cannot be built: a link leads nowhere, or a page is missing from its navigation."""


def site_path(path: str) -> str | None:
    """Where a file of the repository is on the site; None if it is not part of it."""
    if path in AT_THE_ROOT:
        return AT_THE_ROOT[path]
    if path in FOLDERS:
        path += "/README.md"
    if path.startswith("docs/") and ROOT.joinpath(path).is_file():
        return path.removeprefix("docs/")
    return None


def rewrite(page: str, text: str) -> tuple[str, list[str]]:
    """A page's text with links that hold on the site, and its broken links.

    Args:
        page: path below the root of the repository.
        text: Markdown. Links to files that are not on the site become plain text.
    """
    broken: list[str] = []
    here = PurePosixPath(site_path(page) or page).parent.as_posix()

    def target_of(match: re.Match[str], target: str) -> str | None:
        path, _, anchor = target.partition("#")
        source = normpath((PurePosixPath(page).parent / path).as_posix())
        there = site_path(source)
        if there is not None:
            return relpath(there, here) + (f"#{anchor}" if anchor else "")
        if not ROOT.joinpath(source).exists():
            broken.append(f"{page}:{text.count(chr(10), 0, match.start()) + 1}: {target}")
        return None

    def replacement(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        if match["name"]:
            return f'{match["name"]}="{target_of(match, match["file"]) or match["file"]}"'
        if re.match(r"[a-z]+:|#", match["target"]):
            return match[0]
        new = target_of(match, match["target"])
        label = match["label"]
        return label if new is None else f"{match['mark']}[{label}]({new})"

    return LINK.sub(replacement, text), broken


def pages() -> Iterator[str]:
    """The Markdown files that become pages, below the root."""
    yield from AT_THE_ROOT
    for path in sorted(ROOT.joinpath("docs").rglob("*.md")):
        yield path.relative_to(ROOT).as_posix()


def stage(folder: Path) -> None:
    """Copies everything to the folder. Raises `BrokenSite` that names every broken link."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    broken: list[str] = []
    for page in pages():
        text, faults = rewrite(page, ROOT.joinpath(page).read_text(encoding="utf-8"))
        broken += faults
        target = folder / str(site_path(page))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    if broken:
        raise BrokenSite("fix these links, whose files do not exist: " + "; ".join(broken))


def listed(navigation: object) -> Iterator[str]:
    """The pages of a navigation, however deep."""
    if isinstance(navigation, str):
        yield navigation
    else:
        for entry in navigation.values() if isinstance(navigation, dict) else navigation:  # type: ignore[attr-defined]
            yield from listed(entry)


def check_navigation(navigation: object) -> None:
    """Raises `BrokenSite` unless every page is in the navigation, once."""
    expected_pages, listed_pages = (
        sorted(str(site_path(page)) for page in pages()),
        sorted(listed(navigation)),
    )
    if expected_pages != listed_pages:
        difference = sorted({*expected_pages} ^ {*listed_pages}) or "a page is listed twice"
        raise BrokenSite(f"make the navigation in {CONFIG.name} list each page: {difference}")


def build(*, keep: bool) -> None:
    """Builds the site, and deletes it again unless it is kept. Raises `BrokenSite`."""
    project = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]
    check_navigation(project["nav"])
    stage(ROOT / project["docs_dir"])
    zensical = Path(sys.executable).with_name("zensical")
    built = subprocess.run(  # clean: the cache does not notice changed docstrings
        [zensical, "build", "--clean", "--strict", "--config-file", CONFIG],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode != 0:
        sys.stderr.write(built.stdout + built.stderr)
        raise BrokenSite("fix what Zensical reports above")
    if keep:
        print(f"built {project['site_dir']}/index.html")  # noqa: T201
    else:
        shutil.rmtree(ROOT / project["site_dir"])


def main() -> int:
    """The exit code."""
    try:
        build(keep=sys.argv[1:] != ["--check"])
    except BrokenSite as fault:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
