"""kafka-python's admin client, logged in: for the requests that librdkafka has no call for."""

import logging
from typing import Any

from kafka import KafkaAdminClient

from contract.settings import Settings


def admin_client(settings: Settings) -> KafkaAdminClient:
    """A connected client; use it as a context manager.

    Raises:
        kafka.errors.KafkaError: No broker answers, or it refuses the login.
    """
    # At DEBUG it would log its configuration, the password too.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    login: dict[str, Any] = {}
    if settings.kafka_security_protocol.startswith("SASL"):
        login = {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    return KafkaAdminClient(
        bootstrap_servers=settings.kafka_bootstrap.split(","),
        security_protocol=settings.kafka_security_protocol,
        ssl_cafile=settings.kafka_ca_file or None,
        ssl_certfile=settings.kafka_certificate_file or None,
        ssl_keyfile=settings.kafka_key_file or None,
        ssl_password=settings.kafka_key_password.get_secret_value() or None,
        request_timeout_ms=round(settings.kafka_timeout * 1000),
        **login,
    )
