"""Asks a cluster as its admin, and waits for the answer."""

from typing import Any

from confluent_kafka import KafkaException

from contract import kafka_security
from contract.errors import ClusterChangeFailed
from contract.settings import Settings


def answer(settings: Settings, asked: Any, what: str) -> Any:
    """The result of a question to the admin client.

    Raises `AccessDenied`, or `ClusterRefused` that says what could not be done.
    """
    try:
        return asked.result(2 * settings.kafka_timeout)
    except KafkaException as failure:
        kafka_security.raise_if_denied(settings, failure.args[0])
        raise ClusterChangeFailed(
            f"Kafka at {settings.kafka_bootstrap} does not {what}: {failure.args[0].str()}"
        ) from None
