"""Commands on the pages of the docs, with the output that the pages show for them."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

FIRST_PAGES: Final = (
    "README.md",
    "docs/tutorial.md",
    "docs/one-record.md",
    "CONTRIBUTING.md",
    "data/README.md",
)

FENCED_BLOCK: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)

INLINE_CALL: Final = re.compile(r"`(?:\.venv/bin/)?(intent [^`]+)`")

OUTPUT_LANGUAGES: Final = ("text", "json")
"""A block in these languages directly after commands is their expected output."""


@dataclass(frozen=True)
class Block:
    """A block of `sh`: one shell runs its commands in order.

    Attributes:
        place: Page and line, as `docs/page.md:12`.
        output: Expected output; empty if the page shows none.
    """

    place: str
    commands: tuple[str, ...]
    output: str = ""


def pages() -> list[Path]:
    """All pages with commands, in the order of a reader."""
    first = [ROOT / name for name in FIRST_PAGES]
    return first + sorted({*ROOT.joinpath("docs").rglob("*.md")} - {*first})


@cache
def blocks() -> tuple[Block, ...]:
    """The blocks of all pages."""
    return tuple(
        block
        for page in pages()
        for block in blocks_of_page(str(page.relative_to(ROOT)), page.read_text("utf-8"))
    )


def inline_calls() -> list[str]:
    """Calls of `intent` in running text, each once."""
    texts = (FENCED_BLOCK.sub("", page.read_text("utf-8")) for page in pages())
    return sorted({" ".join(call.split()) for text in texts for call in INLINE_CALL.findall(text)})


def blocks_of_page(name: str, text: str) -> Iterator[Block]:
    """The blocks of a page, in order."""
    fenced = [*FENCED_BLOCK.finditer(text)]
    for place, match in enumerate(fenced):
        indent, kind, inner = match.groups()
        if kind != "sh":
            continue
        line = text.count("\n", 0, match.start()) + 2
        yield Block(
            f"{name}:{line}",
            tuple(commands(_dedented(inner, indent))),
            _dedented(fenced[place + 1][3], indent) if _has_output(text, fenced, place) else "",
        )


def commands(text: str) -> Iterator[str]:
    """Splits a block into commands, which may span lines; without comments."""
    lines: list[str] = []
    for line in text.splitlines():
        if not lines and (not line.strip() or line.lstrip().startswith("#")):
            continue
        lines.append(line)
        if not line.endswith("\\") and _is_complete("\n".join(lines)):
            yield _without_comment("\n".join(lines))
            lines.clear()
    assert not lines, f"this is no command: {lines}"


def _has_output(text: str, fenced: list[re.Match[str]], place: int) -> bool:
    """Whether only empty lines separate a block from a block of output."""
    if place + 1 == len(fenced) or fenced[place + 1][2] not in OUTPUT_LANGUAGES:
        return False
    return not text[fenced[place].end() : fenced[place + 1].start()].strip()


def _dedented(text: str, indent: str) -> str:
    return re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


def _is_complete(text: str) -> bool:
    asked = subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False)  # noqa: S607
    return asked.returncode == 0 and not asked.stderr


def _without_comment(command: str) -> str:
    return re.sub(r"\s+# .*$", "", command)
