"""What the pages tell people to type, and what they say comes of it. Pure but for reading files."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

FIRST: Final = (
    "README.md",
    "docs/tutorial.md",
    "docs/one-record.md",
    "CONTRIBUTING.md",
    "data/README.md",
)

FENCED: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)

CALL: Final = re.compile(r"`(?:\.venv/bin/)?(intent [^`]+)`")

OUTPUT: Final = ("text", "json")
"""A block of these that directly follows commands is what they print."""


@dataclass(frozen=True)
class Block:
    """Commands that stand together: a shell runs them one after the other.

    Attributes:
        place: page and line, as an editor takes them.
        output: what the page says they print; empty if it does not say.
    """

    place: str
    commands: tuple[str, ...]
    output: str = ""


def pages() -> list[Path]:
    """Where people are told what to type, as a reader comes to them."""
    first = [ROOT / name for name in FIRST]
    return first + sorted({*ROOT.joinpath("docs").rglob("*.md")} - {*first})


@cache
def blocks() -> tuple[Block, ...]:
    """All of them, each page's in their order."""
    return tuple(
        block
        for page in pages()
        for block in of_page(str(page.relative_to(ROOT)), page.read_text("utf-8"))
    )


def in_sentences() -> list[str]:
    """The calls of `intent` that stand in running text, each once."""
    texts = (FENCED.sub("", page.read_text("utf-8")) for page in pages())
    return sorted({" ".join(call.split()) for text in texts for call in CALL.findall(text)})


def of_page(name: str, text: str) -> Iterator[Block]:
    """The blocks of one page."""
    fenced = [*FENCED.finditer(text)]
    for place, match in enumerate(fenced):
        indent, kind, inner = match.groups()
        if kind != "sh":
            continue
        line = text.count("\n", 0, match.start()) + 2
        yield Block(
            f"{name}:{line}",
            tuple(commands(_outdented(inner, indent))),
            _outdented(fenced[place + 1][3], indent) if _answered(text, fenced, place) else "",
        )


def commands(text: str) -> Iterator[str]:
    """Each command as the shell sees it, over several lines where it has them; no comments."""
    lines: list[str] = []
    for line in text.splitlines():
        if not lines and (not line.strip() or line.lstrip().startswith("#")):
            continue
        lines.append(line)
        if not line.endswith("\\") and _whole("\n".join(lines)):
            yield _without_comment("\n".join(lines))
            lines.clear()
    assert not lines, f"this is no command: {lines}"


def _answered(text: str, fenced: list[re.Match[str]], place: int) -> bool:
    """Whether nothing but empty lines stands between a block and one of output."""
    if place + 1 == len(fenced) or fenced[place + 1][2] not in OUTPUT:
        return False
    return not text[fenced[place].end() : fenced[place + 1].start()].strip()


def _outdented(text: str, indent: str) -> str:
    return re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


def _whole(text: str) -> bool:
    asked = subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False)  # noqa: S607
    return asked.returncode == 0 and not asked.stderr


def _without_comment(command: str) -> str:
    return re.sub(r"\s+# .*$", "", command)
