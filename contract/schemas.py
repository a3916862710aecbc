"""The public interface as JSON Schemas, one for every topic's value.

`python -m contract.schemas FOLDER` writes them, as they are under the settings in force.
"""

import inspect
import json
import sys
from pathlib import Path

import msgspec

from contract.errors import BadSetting
from contract.events import CONTRACT_VERSION
from contract.process import run
from contract.settings import Settings
from contract.topics import topics


def schemas() -> dict[str, str]:
    """File name to JSON text, a topic each, under the default names of the topics."""
    texts = {}
    for topic in topics(Settings.model_construct()):
        schema = msgspec.json.schema(topic.event)
        for definition in schema["$defs"].values():  # docstrings keep their indent before 3.13
            definition["description"] = inspect.cleandoc(definition["description"])
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"value of the topic {topic.name}, contract version {CONTRACT_VERSION}",
            **schema,
        }
        texts[f"{topic.name}.json"] = json.dumps(schema, indent=2) + "\n"
    return texts


def main() -> None:
    """Writes them."""
    if len(sys.argv) != 2:
        raise BadSetting("name a folder for the schemas: python -m contract.schemas FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
