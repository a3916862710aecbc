"""What a user may take of each broker.

librdkafka's client has no call for quotas; kafka-python has their messages, and no method yet.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.protocol.admin import AlterClientQuotasRequest, DescribeClientQuotasRequest

from contract.errors import ClusterChangeFailed
from contract.kafka_security import kafka_python_admin
from contract.settings import Settings

EXACT: Final = 0
"""How an entity is asked for: by this very name."""


def limit(settings: Settings, wishes: Mapping[str, Mapping[str, float]]) -> int:
    """Gives each user these quotas and takes away its others; returns how many were changed.

    Raises `ClusterRefused`.
    """
    with _client(settings) as client:
        changes = {}
        for user, wish in wishes.items():
            found = _quotas(client, user)
            changes[user] = [
                *((key, value, False) for key, value in wish.items() if found.get(key) != value),
                *((key, 0.0, True) for key in found.keys() - wish.keys()),
            ]
        entries = [([("user", user)], ops) for user, ops in changes.items() if ops]
        if entries:
            request = AlterClientQuotasRequest(entries=entries, validate_only=False)
            for entry in _send(client, request).entries:
                _check(settings, entry)
        return sum(map(len, changes.values()))


@contextmanager
def _client(settings: Settings) -> Iterator[KafkaAdminClient]:
    try:
        with kafka_python_admin(settings) as client:
            yield client
    except KafkaError as failure:
        raise ClusterChangeFailed(
            f"Kafka at {settings.kafka_bootstrap} does not change quotas ({type(failure).__name__})"
        ) from None


def _quotas(client: KafkaAdminClient, user: str) -> dict[str, float]:
    request = DescribeClientQuotasRequest(components=[("user", EXACT, user)], strict=True)
    return {
        value.key: value.value
        for entry in _send(client, request).entries or ()
        for value in entry.values
    }


def _send(client: KafkaAdminClient, request: Any) -> Any:
    return client._manager.run(client._manager.send, request)


def _check(settings: Settings, answer: Any) -> None:
    if answer.error_code:
        raise ClusterChangeFailed(
            f"Kafka at {settings.kafka_bootstrap} does not change the quotas of "
            f"{answer.entity[0].entity_name}: {answer.error_message}"
        )
