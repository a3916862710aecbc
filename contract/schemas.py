"""The public interface as JSON Schemas, one for every topic's value."""

import inspect
import json

import msgspec

from contract.events import CONTRACT_VERSION
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
