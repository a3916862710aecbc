"""How every Kafka client logs in, and what a broker's refusal means."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException

from contract.errors import AccessDenied, BadSetting
from contract.settings import Settings, variable

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
_CERTIFICATE_REFUSED: Final = re.compile(r"SSL alert number (4[2-689]|116)\b")
"""TLS's alerts on certificates. With TLS 1.3 they come after the handshake, as a broken connection.
"""
_FILES: Final = {
    "ssl.ca.location": "kafka_ca_file",
    "ssl.certificate.location": "kafka_certificate_file",
    "ssl.key.location": "kafka_key_file",
}


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
    if protocol.endswith("SSL"):
        told = {option: getattr(settings, name) for option, name in _FILES.items()}
        told["ssl.key.password"] = settings.kafka_key_password.get_secret_value()
        found |= {option: value for option, value in told.items() if value}
    return found


@contextmanager
def usable_files(settings: Settings) -> Iterator[None]:
    """While a client is made. Raises `BadSetting` for a file that librdkafka cannot use."""
    try:
        yield
    except KafkaException as failure:
        words = failure.args[0].str()
        for option, name in _FILES.items():
            if f"{option} failed" in words:
                key = " with INTENT_KAFKA_KEY_PASSWORD" if name == "kafka_key_file" else ""
                raise BadSetting(
                    f"correct {variable(name)}={getattr(settings, name)}: it cannot be used{key} "
                    f"({words.rpartition('error:')[2]})"
                ) from None
        raise


def check(settings: Settings, error: KafkaError | None) -> None:
    """Raises `AccessDenied` if the error is a refusal: nothing will come of trying again."""
    if error is None:
        return
    if error.code() in _REFUSED:
        user = settings.kafka_username or settings.kafka_certificate_file or "who has no login"
        raise AccessDenied(
            f"Kafka does not let the user {user} do this ({error.str()}): "
            "give it the rights that `python -m deploy.cluster show` lists"
        )
    if error.code() in _STRANGERS or _CERTIFICATE_REFUSED.search(error.str()):
        raise AccessDenied(
            f"Kafka at {settings.kafka_bootstrap} does not let us in ({error.str()}): see to "
            "INTENT_KAFKA_SECURITY_PROTOCOL, INTENT_KAFKA_USERNAME, INTENT_KAFKA_PASSWORD, "
            "INTENT_KAFKA_CA_FILE and INTENT_KAFKA_CERTIFICATE_FILE"
        )
