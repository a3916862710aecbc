"""OAuth tokens for Kafka's SASL/OAUTHBEARER: from a file, an issuer, or AWS's signer.

librdkafka requests the tokens of an issuer itself. What is here serves the other two, and
kafka-python. A token is requested again before it expires: after four fifths of its lifetime.
"""

import logging
import ssl
import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple
from urllib.error import HTTPError

import msgspec

from contract.errors import AccessDenied, BadSetting, BrokerUnreachable, NotInstalled
from contract.http_client import post_form
from contract.settings import Settings

OPAQUE_LIFETIME: Final = 60.0
"""Seconds after which a file is read again whose token is no JWT, and so has no expiry."""

log = logging.getLogger(__name__)


class Token(NamedTuple):
    """A token and when it expires, in seconds since the epoch."""

    value: str
    expires_at: float


class _Claims(msgspec.Struct):
    exp: float


class _Response(msgspec.Struct):
    """https://www.rfc-editor.org/rfc/rfc6749#section-5.1."""

    access_token: str
    expires_in: float = OPAQUE_LIFETIME


def fetch_token(settings: Settings) -> Token:
    """Returns a new token.

    Raises:
        BadSetting: The token file cannot be read, or its token has expired.
        AccessDenied: The issuer rejects the client, or AWS's signer has no credentials.
        BrokerUnreachable: The issuer does not answer.
        NotInstalled: AWS's signer is not installed.
    """
    if settings.kafka_sasl_mechanism == "AWS_MSK_IAM":
        return _signed_by_aws(settings.kafka_aws_region)
    if settings.kafka_oauth_token_file:
        return _read_token(Path(settings.kafka_oauth_token_file))
    if not settings.kafka_oauth_token_url:
        raise BadSetting("only librdkafka uses the login in INTENT_KAFKA_PROPERTIES")
    return _request_token(settings)


def token_callback(settings: Settings) -> Callable[[object], Token]:
    """The `oauth_cb` of librdkafka: called from a thread of its own whenever a token is due.

    The first token is fetched here, because librdkafka would not say why there is none.

    Raises:
        PipelineError: As `fetch_token`.
    """
    fetch_token(settings)

    def renew(config: object) -> Token:
        del config
        try:
            return fetch_token(settings)
        except Exception as failure:
            log.warning("cannot renew the Kafka token, trying again in 10 s: %s", failure)
            raise

    return renew


def _read_token(file: Path) -> Token:
    try:
        value = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "not ASCII"
        raise BadSetting(
            f"correct INTENT_KAFKA_OAUTH_TOKEN_FILE={file}: cannot read it ({reason})"
        ) from None
    expires_at = _expiry(value)
    if not value or expires_at <= time.time():
        raise BadSetting(
            f"INTENT_KAFKA_OAUTH_TOKEN_FILE={file}: the token "
            f"{'has expired' if value else 'is missing'}; check what renews the file"
        )
    return Token(value, expires_at)


def _expiry(token: str) -> float:
    """The time of a JWT's claim `exp`. The broker verifies the token; here it is only decoded."""
    try:
        payload = token.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        return msgspec.json.decode(urlsafe_b64decode(padded), type=_Claims).exp
    except (IndexError, ValueError):  # msgspec's errors are ValueErrors
        return time.time() + OPAQUE_LIFETIME


def _request_token(settings: Settings) -> Token:
    """Client credentials: https://www.rfc-editor.org/rfc/rfc6749#section-4.4."""
    url = settings.kafka_oauth_token_url
    login = f"{settings.kafka_username}:{settings.kafka_password.get_secret_value()}"
    form = {"grant_type": "client_credentials"}
    if settings.kafka_oauth_scope:
        form["scope"] = settings.kafka_oauth_scope
    try:
        body = post_form(
            url,
            form,
            timeout=settings.kafka_timeout,
            headers={
                "Authorization": f"Basic {b64encode(login.encode()).decode()}",
            },
            tls=ssl.create_default_context(cafile=settings.kafka_oauth_ca_file or None),
        )
        response = msgspec.json.decode(body, type=_Response)
    except HTTPError as error:
        raise AccessDenied(
            f"{url} gives no token for the client {settings.kafka_username} ({error.code}): check "
            "INTENT_KAFKA_USERNAME, INTENT_KAFKA_PASSWORD and INTENT_KAFKA_OAUTH_SCOPE"
        ) from None
    except (OSError, msgspec.MsgspecError) as fault:
        raise BrokerUnreachable(
            f"no token from {url} ({fault}): check INTENT_KAFKA_OAUTH_TOKEN_URL and "
            "INTENT_KAFKA_OAUTH_CA_FILE, and that the issuer is running"
        ) from None
    return Token(response.access_token, time.time() + response.expires_in)


def _signed_by_aws(region: str) -> Token:
    try:
        from aws_msk_iam_sasl_signer import MSKAuthTokenProvider  # noqa: PLC0415  an extra
    except ImportError:
        raise NotInstalled(
            "INTENT_KAFKA_SASL_MECHANISM=AWS_MSK_IAM needs AWS's signer: install intent-stream[msk]"
        ) from None
    try:
        value, expires_at_ms = MSKAuthTokenProvider.generate_auth_token(region)
    except Exception as fault:  # noqa: BLE001  botocore's errors have no common base with ours
        raise AccessDenied(
            f"AWS's signer makes no token for {region} ({fault}): check that this process has AWS "
            "credentials"
        ) from None
    return Token(value, expires_at_ms / 1000)
