"""TLS and login of every Kafka client, and the errors that mean access was denied."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from confluent_kafka import KafkaError, KafkaException

from contract import kafka_oauth
from contract.errors import AccessDenied, BadSetting, BrokerUnreachable, PipelineError
from contract.settings import Settings, env_variable

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

_AUTHORIZATION_ERRORS: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
_AUTHENTICATION_ERRORS: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,
        KafkaError._SSL,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.ILLEGAL_SASL_STATE,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
    }
)
_CERTIFICATE_ALERT: Final = re.compile(r"SSL alert number (4[2-689]|116)\b")
"""TLS alerts about certificates. With TLS 1.3 they arrive after the handshake, and librdkafka
reports them as a broken connection."""

_NO_ANSWER: Final = "Failed to acquire SASL OAUTHBEARER token"

_FILE_OPTIONS: Final = {
    "ssl.ca.location": "kafka_ca_file",
    "ssl.certificate.location": "kafka_certificate_file",
    "ssl.key.location": "kafka_key_file",
}


def security_options(settings: Settings) -> dict[str, Any]:
    """Configuration properties of librdkafka for TLS and SASL.

    Raises:
        PipelineError: There is no token for the login.
    """
    protocol = settings.kafka_security_protocol
    options: dict[str, Any] = {"security.protocol": protocol}
    if protocol.startswith("SASL"):
        options |= _login(settings)
    if protocol.endswith("SSL"):
        tls = {option: getattr(settings, name) for option, name in _FILE_OPTIONS.items()}
        tls["ssl.key.password"] = settings.kafka_key_password.get_secret_value()
        options |= {option: value for option, value in tls.items() if value}
    return options


def _login(settings: Settings) -> dict[str, Any]:
    mechanism = settings.kafka_sasl_mechanism
    if mechanism == "GSSAPI":
        return {"sasl.mechanisms": mechanism}
    if mechanism == "AWS_MSK_IAM" or settings.kafka_oauth_token_file:
        return {
            "sasl.mechanisms": "OAUTHBEARER",
            "oauth_cb": kafka_oauth.token_callback(settings),
        }
    if mechanism != "OAUTHBEARER":
        return {
            "sasl.mechanisms": mechanism,
            "sasl.username": settings.kafka_username,
            "sasl.password": settings.kafka_password.get_secret_value(),
        }
    issuer = {
        "sasl.oauthbearer.token.endpoint.url": settings.kafka_oauth_token_url,
        "sasl.oauthbearer.client.id": settings.kafka_username,
        "sasl.oauthbearer.client.secret": settings.kafka_password.get_secret_value(),
        "sasl.oauthbearer.scope": settings.kafka_oauth_scope,
        "https.ca.location": settings.kafka_oauth_ca_file,
    }
    return {
        "sasl.mechanisms": mechanism,
        "sasl.oauthbearer.method": "oidc",
        **{option: value for option, value in issuer.items() if value},
    }


def kafka_python_admin(settings: Settings) -> "KafkaAdminClient":
    """A connected kafka-python client, for requests that librdkafka does not implement.

    Use it as a context manager. It does not use `kafka_properties`, which are librdkafka's.

    Raises:
        kafka.errors.KafkaError: No broker answers, the login is rejected, or there is no token.
    """
    from kafka import KafkaAdminClient  # noqa: PLC0415  takes 0.4 s

    # At DEBUG it logs its configuration, including the password.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    return KafkaAdminClient(
        bootstrap_servers=settings.kafka_bootstrap.split(","),
        security_protocol=settings.kafka_security_protocol,
        ssl_cafile=settings.kafka_ca_file or None,
        ssl_certfile=settings.kafka_certificate_file or None,
        ssl_keyfile=settings.kafka_key_file or None,
        ssl_password=settings.kafka_key_password.get_secret_value() or None,
        request_timeout_ms=round(settings.kafka_timeout * 1000),
        **(
            _kafka_python_login(settings)
            if settings.kafka_security_protocol.startswith("SASL")
            else {}
        ),
    )


def _kafka_python_login(settings: Settings) -> dict[str, Any]:
    if settings.kafka_sasl_mechanism not in ("OAUTHBEARER", "AWS_MSK_IAM"):
        return {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    from kafka.errors import KafkaError as KafkaPythonError  # noqa: PLC0415  with its client
    from kafka.net.sasl.oauth import AbstractTokenProvider  # noqa: PLC0415

    try:
        token = kafka_oauth.fetch_token(settings).value  # its clients live for a few requests
    except PipelineError as failure:
        raise KafkaPythonError(str(failure)) from None

    class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]  # it has no types
        def token(self) -> str:
            return token

    return {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": TokenProvider()}


@contextmanager
def checked_options(settings: Settings) -> Iterator[None]:
    """Wraps the construction of a client.

    Raises:
        BadSetting: librdkafka cannot use a file of certificates or keys, or a property.
    """
    try:
        yield
    except KafkaException as failure:
        message = failure.args[0].str()
        for option, name in _FILE_OPTIONS.items():
            if f"{option} failed" in message:
                password = " with INTENT_KAFKA_KEY_PASSWORD" if name == "kafka_key_file" else ""
                raise BadSetting(
                    f"correct {env_variable(name)}={getattr(settings, name)}: the file cannot be "
                    f"used{password} ({message.rpartition('error:')[2]})"
                ) from None
        if failure.args[0].code() == KafkaError._INVALID_ARG:
            raise BadSetting(f"correct INTENT_KAFKA_PROPERTIES: {message}") from None
        raise


def raise_if_denied(settings: Settings, error: KafkaError | None) -> None:
    """Raises for errors of authentication and authorization, which a retry cannot resolve.

    Raises:
        AccessDenied: The broker rejects the login, or the user lacks a permission.
    """
    if error is None:
        return
    if error.code() in _AUTHORIZATION_ERRORS:
        user = settings.kafka_username or settings.kafka_certificate_file or "without a login"
        raise AccessDenied(
            f"Kafka does not allow the user {user} to do this ({error.str()}): "
            "grant the permissions that `python -m deploy.cluster show` lists"
        )
    if _lacks_token(error):
        return
    if error.code() in _AUTHENTICATION_ERRORS or _CERTIFICATE_ALERT.search(error.str()):
        raise AccessDenied(
            f"Kafka at {settings.kafka_bootstrap} rejected the connection ({error.str()}): check "
            "INTENT_KAFKA_SECURITY_PROTOCOL, INTENT_KAFKA_SASL_MECHANISM and its settings, as "
            "INTENT_KAFKA_USERNAME and INTENT_KAFKA_PASSWORD, INTENT_KAFKA_CA_FILE and "
            "INTENT_KAFKA_CERTIFICATE_FILE"
        )


def raise_if_without_token(settings: Settings, error: KafkaError) -> None:
    """Raises if a token could not be renewed because its source is away.

    A running client needs no such check: it keeps its token, and tries again every 10 s.

    Raises:
        BrokerUnreachable: The OAuth issuer does not answer.
    """
    if _lacks_token(error):
        raise BrokerUnreachable(
            f"cannot log in to Kafka at {settings.kafka_bootstrap} ({error.str()}): check "
            "INTENT_KAFKA_OAUTH_TOKEN_URL, and that the issuer is running"
        )


def _lacks_token(error: KafkaError) -> bool:
    """Whether the issuer gave no answer. Its refusal is JSON with a member `error` (RFC 6749)."""
    return error.str().startswith(_NO_ANSWER) and '"error"' not in error.str()
