"""JSON Schemas of the topics' values.

`python -m contract.schemas FOLDER` writes them, for the schema in the settings.
"""

import inspect
import json
import sys
from pathlib import Path

import msgspec

from contract.errors import BadSetting
from contract.events import CONTRACT_VERSION
from contract.process import run_main
from contract.schema import Schema
from contract.settings import Settings, load, schema_of
from contract.topics import topics


def schemas(schema: Schema) -> dict[str, str]:
    """JSON text by file name, one file per topic, with the topics' default names."""
    texts = {}
    for topic in topics(Settings.model_construct(), schema):
        content = msgspec.json.schema(topic.event)
        for definition in content["$defs"].values():  # docstrings keep their indent before 3.13
            definition["description"] = inspect.cleandoc(definition["description"])
        content = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"value of the topic {topic.name}, contract version {CONTRACT_VERSION}",
            **content,
        }
        texts[f"{topic.name}.json"] = json.dumps(content, indent=2) + "\n"
    return texts


def main() -> None:
    """Writes the files."""
    if len(sys.argv) != 2:
        raise BadSetting("name a folder for the schemas: python -m contract.schemas FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas(schema_of(load(Settings))).items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_main(main)
