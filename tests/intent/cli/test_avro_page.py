"""docs/how-to/avro.md: its settings are valid, and its commands do what it says."""

import json
import subprocess
import tomllib
from pathlib import Path

from contract.kafka import ensure_topics
from contract.settings import Settings
from contract.topics import topics
from tests.docs.blocks import FENCED_BLOCK, ROOT, blocks_of_page
from tests.docs.reader import EXAMPLE_FILES
from tests.support.builders import read_all
from tests.support.fixtures import Intent, SettingsFor
from tests.support.schema_registry import schema_registry_server

PAGE = (ROOT / "docs" / "how-to" / "avro.md").read_text("utf-8")


def test_settings_and_commands_of_the_page_write_and_read_avro(
    settings_for: SettingsFor, command: Intent, tmp_path: Path
) -> None:
    register, use = blocks_of_page("avro.md", PAGE)
    (toml,) = (text for _, kind, text in FENCED_BLOCK.findall(PAGE) if kind == "toml")
    with schema_registry_server() as registry:
        given = {**tomllib.loads(toml), "schema_registry_url": registry.url}
        assert given["outcomes_encoding"] == "avro"
        settings = settings_for(Settings, **{**given, "outcomes_encoding": "json"})
        ensure_topics(settings, topics(settings))
        (text,) = (text for _, kind, text in FENCED_BLOCK.findall(PAGE) if kind == "json")
        (tmp_path / "customer.avsc").write_text(text)
        (curl,) = register.commands
        curl = curl.replace("http://127.0.0.1:8081", registry.url)
        curl = curl.replace("/customers-value", f"/{settings.topic_customers}-value")
        subprocess.run(["bash", "-c", curl], cwd=tmp_path, check=True)  # noqa: S607
        produce, consume = (each.split()[1:] for each in use.commands)
        sent = command("produce", "-", settings=settings, input=EXAMPLE_FILES[produce[1]].encode())
        assert sent.exit_code == 0, sent.stderr
        shown = command(*consume, settings=settings)
    assert shown.exit_code == 0, shown.stderr
    value = json.loads(shown.stdout)["value"]
    assert value == {"id": None, **json.loads(EXAMPLE_FILES[produce[1]])}
    (message,) = read_all(settings.kafka_bootstrap, settings.topic_customers)
    assert (message.value() or b"")[:5] == b"\0\0\0\0\1"
