"""`python .github/notes.py TAG`: prints the section of CHANGELOG.md for a release.

Ends with 1 and one line if the tag is not the version in pyproject.toml, or the changelog has no
section for it, or marks it as not released yet.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


class NoNotes(Exception):
    """There is nothing to release under that tag; the message says what to fix."""


def notes(tag: str, changelog: str, version: str) -> str:
    """The section of the tag's version. Raises `NoNotes`."""
    if tag != f"v{version}":
        raise NoNotes(f"the tag is {tag}, and pyproject.toml's version {version}: make them agree")
    sections = re.split(r"^## (.+)$", changelog, flags=re.MULTILINE)[1:]
    for heading, text in zip(sections[::2], sections[1::2], strict=True):
        name, _, when = heading.partition(",")
        if name == version:
            if not re.fullmatch(r" \d{4}-\d{2}-\d{2}", when):
                raise NoNotes(
                    f"CHANGELOG.md gives {version} no date: write it as '## {version}, 2026-01-31'"
                )
            return text.strip() + "\n"
    raise NoNotes(f"CHANGELOG.md has no section '## {version}, ...': write one")


def main() -> int:
    """The exit code."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    try:
        sys.stdout.write(
            notes(sys.argv[1], (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
        )
    except NoNotes as fault:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
