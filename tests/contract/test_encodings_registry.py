"""What the stages ask a Schema Registry, of our own server for tests and of a real one."""

import json
import uuid
from collections.abc import Iterator

import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference

from contract.encodings.registry import SchemaRegistry, create_client
from contract.settings import Settings, load
from contract.topic_encodings import customer_decoder, topic_writers
from tests.contract.apicurio import apicurio
from tests.support.schema_registry import CUSTOMER_SCHEMA, schema_registry_server
from tests.support.scoring import a_message

GENDER = {"type": "enum", "name": "Gender", "namespace": "a", "symbols": ["Female", "Male"]}


@pytest.fixture(
    scope="module",
    params=["of the tests", pytest.param("Apicurio", marks=pytest.mark.long)],
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "Apicurio":
        with apicurio(tmp_path_factory.mktemp("registry")) as found:
            yield found
    else:
        with schema_registry_server() as server:
            yield server.url


@pytest.fixture
def settings(url: str) -> Settings:
    return load(
        Settings,
        schema_registry_url=url,
        topic_customers=f"customers-{uuid.uuid4().hex[:8]}",
        customers_encoding="avro",
    )


def test_schemas_are_found_by_id_and_by_subject(settings: Settings) -> None:
    client = create_client(settings, timeout=60, retries=0)
    own = uuid.uuid4().hex[:8]
    gender = {**GENDER, "namespace": f"n{own}"}
    client.register_schema(f"gender-{own}", Schema(json.dumps(gender), "AVRO"))
    fields = [{"name": "Gender", "type": f"n{own}.Gender"}]
    refers = {"type": "record", "name": "R", "fields": fields}
    references = [SchemaReference(f"n{own}.Gender", f"gender-{own}", 1)]
    registered = Schema(json.dumps(refers), "AVRO", references)
    number = client.register_schema(f"refers-{own}", registered)
    client.close()
    with SchemaRegistry(settings) as registry:
        found = registry.find_schema(number)
        assert registry.find_latest(f"refers-{own}") == found
    assert found is not None
    assert (found.id, found.kind) == (number, "AVRO")
    assert json.loads(found.text) == refers
    assert [json.loads(text) for text in found.references] == [gender]


def test_only_what_does_not_exist_is_none(settings: Settings) -> None:
    with SchemaRegistry(settings) as registry:
        assert registry.find_schema(2_000_000_000) is None
        assert registry.find_latest("no-such-subject-value") is None


def test_what_is_written_is_read(settings: Settings) -> None:
    client = create_client(settings, timeout=60, retries=0)
    subject = f"{settings.topic_customers}-value"
    client.register_schema(subject, Schema(json.dumps(dict(CUSTOMER_SCHEMA)), "AVRO"))
    client.close()
    writer = topic_writers(settings)[settings.topic_customers]
    value = writer.encode(b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000.5}')
    decoder = customer_decoder(settings)
    batch = [a_message(value)]
    decoder.resolve(batch)
    (record,) = decoder.decode(batch).events
    assert record.annual_salary == 20_000.5  # type: ignore[attr-defined]
