"""How every Kafka client logs in, and what a broker's refusal means."""

from typing import Any, Final

from confluent_kafka import KafkaError

from contract.errors import AccessDenied
from contract.settings import Settings

_REFUSED: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
_STRANGERS: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,
        KafkaError._SSL,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.ILLEGAL_SASL_STATE,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
    }
)


def options(settings: Settings) -> dict[str, Any]:
    """Librdkafka's settings for TLS and login."""
    protocol = settings.kafka_security_protocol
    found: dict[str, Any] = {"security.protocol": protocol}
    if protocol.startswith("SASL"):
        found |= {
            "sasl.mechanisms": settings.kafka_sasl_mechanism,
            "sasl.username": settings.kafka_username,
            "sasl.password": settings.kafka_password.get_secret_value(),
        }
    if protocol.endswith("SSL") and settings.kafka_ca_file:
        found["ssl.ca.location"] = settings.kafka_ca_file
    return found


def check(settings: Settings, error: KafkaError | None) -> None:
    """Raises `AccessDenied` if the error is a refusal: nothing will come of trying again."""
    if error is None:
        return
    if error.code() in _REFUSED:
        user = settings.kafka_username or "who has no login"
        raise AccessDenied(
            f"Kafka does not let the user {user} do this ({error.str()}): "
            "give it the rights that `python -m compose.cluster show` lists"
        )
    if error.code() in _STRANGERS:
        raise AccessDenied(
            f"Kafka at {settings.kafka_bootstrap} does not let us in ({error.str()}): see to "
            "INTENT_KAFKA_SECURITY_PROTOCOL, INTENT_KAFKA_USERNAME, INTENT_KAFKA_PASSWORD and "
            "INTENT_KAFKA_CA_FILE"
        )
