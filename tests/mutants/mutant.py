"""A mutant: the code without one of its guarantees, and the tests that must notice."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).parents[2]
TESTS: Final = Path("tests")


class Mutant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken out of the code, and where.

    Attributes:
        guarantee: in words of docs/guarantees.md.
        file: of the code, below the root.
        text: is there once.
        becomes: takes its place.
        tests: below `tests`, as pytest names them; the first one that runs into it must fail.
    """

    guarantee: str
    file: str
    text: str
    becomes: str
    tests: tuple[str, ...]

    def broken(self, code: str) -> str:
        """The file's code as it is then. Raises `ValueError` unless the text is there once."""
        count = code.count(self.text)
        if count != 1:
            raise ValueError(f"{self.file} has this {count} times, and not once: {self.text}")
        return code.replace(self.text, self.becomes)

    @contextmanager
    def within(self, root: Path) -> Iterator[None]:
        """A copy of the code is broken until the block ends."""
        path = root / self.file
        sound = path.read_text(encoding="utf-8")
        path.write_text(self.broken(sound), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(sound, encoding="utf-8")


def mutants() -> dict[str, Mutant]:
    """All of them by name, as the files beside this one list them."""
    found: dict[str, Mutant] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
        twice = found.keys() & listed.keys()
        if twice:
            raise ValueError(f"{path.name} has names of another file: {', '.join(sorted(twice))}")
        found |= msgspec.convert(listed, dict[str, Mutant])
    return found
