"""Access to pages and metrics: by token, or without one by an allowed Host header."""

import base64
import binascii
import hmac
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, NamedTuple

from pydantic import SecretStr

from contract.settings import Settings

CHALLENGE: Final = 'Basic realm="intent-stream"'
"""Makes a browser ask for a login: the token is the password, any username is accepted."""

PUBLIC_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""Health probes carry no token, and the answers reveal nothing else."""

PRIVATE_SUFFIXES: Final = (".localhost", ".internal", ".svc", ".svc.cluster.local")
"""Domains that public DNS does not resolve."""


class PlainResponse(NamedTuple):
    """A complete HTTP response in plain text."""

    status: int
    body: bytes
    headers: dict[str, str]


UNAUTHORIZED: Final = PlainResponse(
    401, b"the token is missing or wrong\n", {"WWW-Authenticate": CHALLENGE}
)
FORBIDDEN_HOST: Final = PlainResponse(
    403,
    b"the Host header is not an allowed name: use this server's address, "
    b"or add the name to INTENT_LISTEN_ALLOWED_HOSTS\n",
    {},
)


@dataclass(frozen=True)
class AccessPolicy:
    """Decides for each request whether it is answered.

    Attributes:
        token: Bearer token, or password of a Basic login. Empty: no token is required, and the
            Host header is checked instead.
        allowed_hosts: Host names of this server in lower case, in addition to those that
            `is_trusted_host` always accepts.
    """

    token: SecretStr = field(default_factory=lambda: SecretStr(""))
    allowed_hosts: frozenset[str] = frozenset()

    def check_request(
        self, path: str, authorization: str | None, host: str | None
    ) -> PlainResponse | None:
        """Returns the response that denies a request; None if the request is allowed.

        Args:
            path: Path of the request, without its query.
            authorization: The Authorization header.
            host: The Host header.
        """
        if not self.is_authorized(path, authorization):
            return UNAUTHORIZED
        has_token = self.token and path not in PUBLIC_PATHS
        return None if has_token or self.is_trusted_host(host) else FORBIDDEN_HOST

    def is_authorized(self, path: str, authorization: str | None) -> bool:
        """Whether a request has the token, or needs none.

        Takes the same time for every wrong token of the same length.
        """
        if not self.token or path in PUBLIC_PATHS:
            return True
        scheme, _, credentials = (authorization or "").partition(" ")
        read_token = {"bearer": _bearer_token, "basic": _basic_password}.get(scheme.lower(), _none)
        return hmac.compare_digest(read_token(credentials), self.token.get_secret_value().encode())

    def is_trusted_host(self, host: str | None) -> bool:
        """Whether this Host header cannot come from a DNS rebinding attack.

        A foreign web page can point its own DNS name at this server's address and then read the
        answers. It cannot do so with an IP address, a name without a dot or a private name.
        """
        if not host:  # no browser
            return True
        name = host_name(host)
        return (
            "." not in name
            or _is_address(name)
            or name.endswith(PRIVATE_SUFFIXES)
            or name == socket.gethostname().lower()
            or name in self.allowed_hosts
        )


def access_policy(settings: Settings) -> AccessPolicy:
    """The policy that the settings describe."""
    names = filter(None, (name.strip() for name in settings.listen_allowed_hosts.split(",")))
    return AccessPolicy(settings.listen_token, frozenset(map(host_name, names)))


def host_name(host: str) -> str:
    """The name in `name:port` or `[address]:port`, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _bearer_token(credentials: str) -> bytes:
    return credentials.strip().encode(errors="surrogateescape")


def _basic_password(credentials: str) -> bytes:
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _none(_: str) -> bytes:
    return b""
