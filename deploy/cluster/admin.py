"""Waits for results of Kafka's admin client."""

from typing import Any

from confluent_kafka import KafkaException

from contract import kafka_security
from contract.errors import ClusterChangeFailed
from contract.settings import Settings


def wait_for_result(settings: Settings, future: Any, action: str) -> Any:
    """Waits for a future of the admin client.

    Args:
        settings: Broker and timeout.
        future: A future that the client returned.
        action: What was requested, as in "Kafka cannot ACTION".

    Raises `AccessDenied`, or `ClusterChangeFailed` that names the action.
    """
    try:
        return future.result(2 * settings.kafka_timeout)
    except KafkaException as failure:
        kafka_security.raise_if_denied(settings, failure.args[0])
        raise ClusterChangeFailed(
            f"Kafka at {settings.kafka_bootstrap} cannot {action}: {failure.args[0].str()}"
        ) from None
