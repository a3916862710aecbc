"""Puts what was measured into a page, between marks that name the command that made it."""

from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[1] / "docs"


def put(page: str, name: str, text: str, docs: Path = DOCS) -> None:
    """Replaces the part of the page between `<!-- NAME -->` and `<!-- /NAME -->`.

    Raises `ValueError` where the page has no such part.
    """
    path = docs / page
    before, opening, rest = path.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition(f"<!-- /{name} -->")
    if not closing:
        raise ValueError(f"{path} has no part <!-- {name} --> ... <!-- /{name} -->")
    path.write_text(f"{before}{opening}\n{text}\n\n{closing}{after}", encoding="utf-8")
