"""Client quotas of users.

librdkafka has no API for quotas; kafka-python has their protocol messages, and no method yet.
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

EXACT_MATCH: Final = 0
"""Match type of an entity filter."""


def apply_quotas(settings: Settings, quotas: Mapping[str, Mapping[str, float]]) -> int:
    """Replaces the quotas of users; returns the number of changes.

    Raises `ClusterChangeFailed`.
    """
    with _client(settings) as client:
        changes = {}
        for user, desired in quotas.items():
            existing = _quotas(client, user)
            changes[user] = [
                *(
                    (key, value, False)
                    for key, value in desired.items()
                    if existing.get(key) != value
                ),
                *((key, 0.0, True) for key in existing.keys() - desired.keys()),
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
            f"Kafka at {settings.kafka_bootstrap} cannot change quotas ({type(failure).__name__})"
        ) from None


def _quotas(client: KafkaAdminClient, user: str) -> dict[str, float]:
    request = DescribeClientQuotasRequest(components=[("user", EXACT_MATCH, user)], strict=True)
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
            f"Kafka at {settings.kafka_bootstrap} cannot change the quotas of "
            f"{answer.entity[0].entity_name}: {answer.error_message}"
        )
