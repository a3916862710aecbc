"""The contract's schemas in a real Schema Registry: taken once, refused where they break."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from contract.errors import SchemaRejected
from contract.schema import CARS
from contract.settings import Settings, load
from tests.contract.apicurio import apicurio
from tools.schema_registry import released_schemas
from tools.schema_registry.registry import Registry

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
"""The newest draft that this registry compares; of ours, 2020-12, it compares none."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with apicurio(tmp_path_factory.mktemp("registry")) as found:
        yield found


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    settings = load(Settings, schema_registry_url=url, kafka_timeout=60)
    with Registry(settings) as opened:
        yield opened


@pytest.mark.long
def test_every_schema_is_registered_with_its_level_and_only_once(
    registry: Registry, url: str
) -> None:
    first = registry.register(
        released_schemas.current_schemas(CARS), released_schemas.compatibility_levels()
    )
    assert first.keys() == released_schemas.current_schemas(CARS).keys()
    assert (
        registry.register(
            released_schemas.current_schemas(CARS), released_schemas.compatibility_levels()
        )
        == first
    )
    for topic, level in released_schemas.compatibility_levels().items():
        answer = httpx2.get(f"{url}/config/{topic}-value", timeout=60).json()
        assert answer == {"compatibilityLevel": level}
        versions = httpx2.get(f"{url}/subjects/{topic}-value/versions/latest", timeout=60).json()
        assert json.loads(versions["schema"]) == json.loads(
            released_schemas.current_schemas(CARS)[topic]
        )


def more(event: dict[str, Any]) -> None:
    event["properties"]["more"] = {"type": "string"}
    event["required"].append("more")


def less(event: dict[str, Any]) -> None:
    event["properties"].popitem()
    event["required"].pop()


@pytest.mark.long
@pytest.mark.parametrize(
    ("topic", "change", "refused"),
    [("outcomes", more, True), ("outcomes", less, False), ("predictions", less, True)],
)
def test_it_refuses_what_breaks_the_promise(
    registry: Registry, topic: str, change: Callable[[dict[str, Any]], None], refused: bool
) -> None:
    own = f"{topic}-{uuid.uuid4().hex[:6]}"
    levels = {own: released_schemas.compatibility_levels()[topic]}
    schema = {**json.loads(released_schemas.current_schemas(CARS)[topic]), "$schema": DRAFT_7}
    registry.register({own: json.dumps(schema)}, levels)
    change(next(iter(schema["$defs"].values())))
    changed = {own: json.dumps(schema)}
    if refused:
        with pytest.raises(SchemaRejected, match=f"incompatible versions of {own}-value"):
            registry.register(changed, levels)
    else:
        registry.register(changed, levels)


def test_a_registry_that_is_away_is_one_line() -> None:
    nowhere = "http://127.0.0.1:1"
    settings = load(Settings, schema_registry_url=nowhere, kafka_timeout=1)
    with Registry(settings) as away, pytest.raises(SchemaRejected, match=nowhere):
        away.register(
            released_schemas.current_schemas(CARS), released_schemas.compatibility_levels()
        )
