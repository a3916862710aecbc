"""librdkafka properties that users pass through, and those that they cannot set. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from contract.redaction import register_secrets

_OWN_SETTING: Final = {
    "bootstrap.servers": "INTENT_KAFKA_BOOTSTRAP",
    "metadata.broker.list": "INTENT_KAFKA_BOOTSTRAP",
    "security.protocol": "INTENT_KAFKA_SECURITY_PROTOCOL",
    "sasl.mechanism": "INTENT_KAFKA_SASL_MECHANISM",
    "sasl.mechanisms": "INTENT_KAFKA_SASL_MECHANISM",
    "sasl.username": "INTENT_KAFKA_USERNAME",
    "sasl.password": "INTENT_KAFKA_PASSWORD",
    "sasl.oauthbearer.client.id": "INTENT_KAFKA_USERNAME",
    "sasl.oauthbearer.client.secret": "INTENT_KAFKA_PASSWORD",
    "sasl.oauthbearer.token.endpoint.url": "INTENT_KAFKA_OAUTH_TOKEN_URL",
    "ssl.ca.location": "INTENT_KAFKA_CA_FILE",
    "ssl.certificate.location": "INTENT_KAFKA_CERTIFICATE_FILE",
    "ssl.key.location": "INTENT_KAFKA_KEY_FILE",
    "ssl.key.password": "INTENT_KAFKA_KEY_PASSWORD",
    "compression.codec": "INTENT_KAFKA_COMPRESSION",
    "compression.type": "INTENT_KAFKA_COMPRESSION",
    "group.id": "INTENT_SCORER_GROUP, INTENT_MONITORING_GROUP or INTENT_TRAINING_GROUP",
    "group.instance.id": "INTENT_STATIC_MEMBERSHIP and INTENT_WORKER_ID",
    "session.timeout.ms": "INTENT_SESSION_TIMEOUT",
    "heartbeat.interval.ms": "INTENT_SESSION_TIMEOUT",
    "max.poll.interval.ms": "INTENT_PROGRESS_TIMEOUT",
    "transactional.id": "INTENT_SCORER_GROUP and INTENT_WORKER_ID",
    "transaction.timeout.ms": "INTENT_TRANSACTION_TIMEOUT",
    "delivery.timeout.ms": "INTENT_TRANSACTION_TIMEOUT",
    "message.timeout.ms": "INTENT_TRANSACTION_TIMEOUT",
}
"""Properties that have a setting of ours."""

_GUARANTEED: Final = {
    "isolation.level": "predictions of aborted transactions would be read",
    "enable.auto.commit": "an offset is committed with the predictions up to it",
    "auto.commit.enable": "an offset is committed with the predictions up to it",
    "auto.commit.interval.ms": "an offset is committed with the predictions up to it",
    "enable.auto.offset.store": "an offset is committed with the predictions up to it",
    "auto.offset.reset": "the client would choose start offsets, and records would be scored again",
    "enable.partition.eof": "the ends of partitions would go unnoticed",
    "group.protocol": "partitions are assigned one by one",
    "group.remote.assignor": "partitions are assigned one by one",
    "partition.assignment.strategy": "partitions are assigned one by one",
    "enable.idempotence": "a message that is sent again would be written twice",
    "acks": "an acknowledged message could be lost",
    "request.required.acks": "an acknowledged message could be lost",
    "retries": "a message that fails once would be lost",
    "message.send.max.retries": "a message that fails once would be lost",
    "max.in.flight": "messages could change their order",
    "max.in.flight.requests.per.connection": "messages could change their order",
    "message.max.bytes": "dead letters are truncated to its value",
    "enable.sasl.oauthbearer.unsecure.jwt": "the client would make tokens without a signature",
}
"""Properties that a guarantee rests on, with what would break."""

_SECRET: Final = re.compile(r"passw|secret|passphrase|\.pem$|oauthbearer\.config")


def parse_properties(value: object) -> dict[str, str]:
    """Properties by name, from a table of the settings file or the JSON of a variable.

    `client.rack = "a"` in TOML without quotes is a table in a table, and means the same.

    Raises:
        ValueError: It is neither, or has properties that cannot be set.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except ValueError:
            raise ValueError(_FORM) from None
    if not isinstance(value, Mapping):
        raise ValueError(_FORM)  # noqa: TRY004  pydantic reports a ValueError
    properties = dict(_flatten(value))
    _register_secrets(properties)
    if faults := list(_faults(properties)):
        raise ValueError("; ".join(faults))
    return properties


_FORM: Final = (
    "must be properties by name: a table [kafka_properties] in the settings file, or JSON in the "
    'variable, such as {"client.rack": "eu-west-1a"}'
)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            yield prefix + name, str(value).lower()
        elif isinstance(value, str | int | float):
            yield prefix + name, str(value)
        else:
            raise ValueError(f"{prefix}{name} must be a text, a number, true or false")  # noqa: TRY004


def _faults(properties: Iterable[str]) -> Iterator[str]:
    for name in properties:
        if setting := _OWN_SETTING.get(name):
            yield f"{name} cannot be set here: use {setting}"
        elif reason := _GUARANTEED.get(name):
            yield f"{name} cannot be set: {reason}"


def _register_secrets(properties: Mapping[str, str]) -> None:
    for name, value in properties.items():
        if _SECRET.search(name):
            register_secrets([value, json.dumps(value)[1:-1]])
