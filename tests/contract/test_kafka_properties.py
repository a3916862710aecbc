"""librdkafka properties are passed through, but none that a guarantee rests on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract import kafka
from contract.errors import BadSetting
from contract.redaction import redact
from contract.settings import Settings, environment, load


def test_properties_of_the_settings_file_reach_the_clients(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "intent.toml"
    file.write_text('[kafka_properties]\n"client.id" = "us"\nsocket.keepalive.enable = true\n')
    monkeypatch.setenv("INTENT_CONFIG", str(file))
    settings = load(Settings)
    assert settings.kafka_properties == {"client.id": "us", "socket.keepalive.enable": "true"}


def test_properties_of_a_variable_reach_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTENT_KAFKA_PROPERTIES", '{"client.rack": "a", "linger.ms": 7}')
    settings = load(Settings)
    assert settings.kafka_properties == {"client.rack": "a", "linger.ms": "7"}
    monkeypatch.setenv("INTENT_KAFKA_PROPERTIES", environment(settings)["INTENT_KAFKA_PROPERTIES"])
    assert load(Settings).kafka_properties == settings.kafka_properties


@pytest.mark.parametrize(
    "name",
    [
        "isolation.level", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset",
        "transactional.id", "group.id", "enable.idempotence", "acks", "request.required.acks",
        "max.in.flight", "retries", "message.timeout.ms", "message.max.bytes", "group.protocol",
        "partition.assignment.strategy", "bootstrap.servers", "sasl.password",
        "enable.sasl.oauthbearer.unsecure.jwt",
    ],
)  # fmt: skip
def test_property_that_would_break_a_guarantee_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(BadSetting, match=rf"INTENT_KAFKA_PROPERTIES.*{name} cannot be set") as no:
        load(Settings, kafka_properties={"client.rack": "a", name: "x"})
    assert "\n" not in str(no.value)


@pytest.mark.parametrize("value", ["client.rack=a", "[1]", '{"client.rack": [1]}'])
def test_what_is_not_properties_by_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("INTENT_KAFKA_PROPERTIES", value)
    with pytest.raises(BadSetting, match="INTENT_KAFKA_PROPERTIES"):
        load(Settings)


@pytest.mark.parametrize(
    "properties", [{"no.such.property": "1"}, {"socket.timeout.ms": "soon"}], ids=str
)
@pytest.mark.parametrize(
    "create",
    [
        lambda settings: kafka.create_consumer(settings, "any"),
        kafka.create_producer,
        kafka.create_admin_client,
    ],
    ids=["consumer", "producer", "admin"],
)
def test_every_client_gets_the_properties_and_a_wrong_one_is_a_bad_setting(
    create: Callable[[Settings], Any], properties: dict[str, str]
) -> None:
    settings = load(Settings, kafka_properties=properties)
    (name,) = properties
    with pytest.raises(BadSetting, match=f'INTENT_KAFKA_PROPERTIES.*"{name}"'):
        create(settings)


def test_secret_among_the_properties_is_never_printed() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIBVQ"
    settings = load(Settings, kafka_properties={"ssl.key.pem": pem, "client.rack": "a"})
    assert "MIIBVQ" not in redact(str(settings.kafka_properties))
    assert "MIIBVQ" not in redact(environment(settings)["INTENT_KAFKA_PROPERTIES"])
    with pytest.raises(BadSetting) as refused:
        load(Settings, kafka_properties=f'{{"ssl.key.pem": "{pem[28:]}", "acks": "1"}}')
    assert "MIIBVQ" not in str(refused.value)
