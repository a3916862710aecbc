"""What the last release promised of each topic's value, and whether it is kept. Pure but for files.

`contract/released` holds the schemas of the last release. Until the next one those of the code may
only grow in ways that break nobody.
"""

import json
from pathlib import Path
from typing import Final

from contract.schema import CARS, Schema
from contract.schemas import schemas
from contract.settings import Settings, schema_of
from contract.topics import topics
from tools.schema_registry.compatibility import misfits

RELEASED: Final = Path(__file__).parents[2] / "contract" / "released"
"""Schemas of the last release, with the cars."""

BACKWARD: Final = "BACKWARD"
"""What was written under the schema before is still read."""

FULL: Final = "FULL"
"""That, and readers of the schema before can read what is written now."""


def released_folder(settings: Settings) -> Path:
    """The folder of the released schemas: with a schema file, `released` beside it."""
    if schema_of(settings) == CARS:
        return RELEASED
    return Path(settings.schema_file).parent / "released"


def levels() -> dict[str, str]:
    """Topic to its promise: whoever writes to us need not change, nor whoever reads from us.

    Of what others write we are the only readers that we answer for.
    """
    names = topics(Settings.model_construct())
    theirs = {names.customers.name, names.outcomes.name}
    return {topic.name: BACKWARD if topic.name in theirs else FULL for topic in names}


def current(schema: Schema) -> dict[str, str]:
    """Topic to the schema that the code has."""
    return {name.removesuffix(".json"): text for name, text in schemas(schema).items()}


def released(folder: Path) -> dict[str, str]:
    """Topic to the schema of the last release."""
    return {path.name.removesuffix(".json"): path.read_text() for path in folder.glob("*.json")}


def broken(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Every promise that is broken, in words."""
    found = []
    for topic, level in levels().items():
        if topic not in before:
            continue  # a new topic promised nothing
        old, new = json.loads(before[topic]), json.loads(now[topic])
        found += [f"{topic}: what was written before: {each}" for each in misfits(old, new)]
        if level == FULL:
            found += [f"{topic}: for a reader of before: {each}" for each in misfits(new, old)]
    gone = before.keys() - now.keys()
    return found + [f"{topic}: has no schema any more" for topic in sorted(gone)]


def release(folder: Path, schema: Schema) -> None:
    """Makes the code's schemas the promise from now on."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
    for topic, text in current(schema).items():
        (folder / f"{topic}.json").write_text(text, encoding="utf-8")
