"""Compares the schemas of the code with those of the last release.

`contract/released` has the schemas of the last release. Until the next release, schemas may only
change compatibly.
"""

import json
from pathlib import Path
from typing import Final

from contract.schema import CARS, Schema
from contract.schemas import schemas
from contract.settings import Settings, schema_of
from contract.topics import topics
from tools.schema_registry.compatibility import incompatible_parts

RELEASED: Final = Path(__file__).parents[2] / "contract" / "released"
"""Schemas of the last release, with the cars."""

BACKWARD: Final = "BACKWARD"
"""New readers can read old data."""

FULL: Final = "FULL"
"""New readers can read old data, and old readers can read new data."""


def released_folder(settings: Settings) -> Path:
    """The folder of the released schemas: with a schema file, `released` beside it."""
    if schema_of(settings) == CARS:
        return RELEASED
    return Path(settings.schema_file).parent / "released"


def compatibility_levels() -> dict[str, str]:
    """Compatibility level by topic.

    Topics that other programs write (`customers`, `outcomes`) are BACKWARD: their writers need not
    change. All others are FULL: their readers need not change either.
    """
    names = topics(Settings.model_construct())
    written_by_others = {names.customers.name, names.outcomes.name}
    return {topic.name: BACKWARD if topic.name in written_by_others else FULL for topic in names}


def current_schemas(schema: Schema) -> dict[str, str]:
    """JSON Schemas of the code by topic."""
    return {name.removesuffix(".json"): text for name, text in schemas(schema).items()}


def released_schemas(folder: Path) -> dict[str, str]:
    """JSON Schemas of the last release by topic."""
    return {path.name.removesuffix(".json"): path.read_text() for path in folder.glob("*.json")}


def incompatibilities(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Every incompatible change, in words."""
    faults = []
    for topic, level in compatibility_levels().items():
        if topic not in before:
            continue  # a new topic
        old, new = json.loads(before[topic]), json.loads(now[topic])
        faults += [f"{topic}: old data: {fault}" for fault in incompatible_parts(old, new)]
        if level == FULL:
            faults += [f"{topic}: old readers: {fault}" for fault in incompatible_parts(new, old)]
    removed = before.keys() - now.keys()
    return faults + [f"{topic}: its schema was removed" for topic in sorted(removed)]


def release(folder: Path, schema: Schema) -> None:
    """Replaces the released schemas by those of the code."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
    for topic, text in current_schemas(schema).items():
        (folder / f"{topic}.json").write_text(text, encoding="utf-8")
