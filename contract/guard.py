"""Who may read pages and metrics: whoever knows the token; without one, whoever asks us by name."""

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
"""Has a browser ask; the token is the password, the user's name does not matter."""

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""A supervisor's probes have no token, and learn no more than whether we are well."""

PRIVATE_SUFFIXES: Final = (".localhost", ".internal", ".svc", ".svc.cluster.local")
"""Names that no public name server answers for."""


class Denial(NamedTuple):
    """What a request that is not let in is answered."""

    status: int
    body: bytes
    headers: dict[str, str]


TOKEN_DENIAL: Final = Denial(
    401, b"the token is missing or wrong\n", {"WWW-Authenticate": CHALLENGE}
)
HOST_DENIAL: Final = Denial(
    403,
    b"this server is not known by the name in the Host header: use its address, "
    b"or list the name in INTENT_LISTEN_ALLOWED_HOSTS\n",
    {},
)


@dataclass(frozen=True)
class Guard:
    """Decides about each request.

    Attributes:
        token: what a request must show; empty lets all in that ask for the right host.
        names: host names of this server, beside those that are safe anyway, see `knows`.
    """

    token: SecretStr = field(default_factory=lambda: SecretStr(""))
    names: frozenset[str] = frozenset()

    def denial(self, path: str, authorization: str | None, host: str | None) -> Denial | None:
        """What to answer instead of the page; None for the page itself.

        Args:
            path: of the request, without its query.
            authorization: the header of that name.
            host: the header of that name.
        """
        if not self.admits(path, authorization):
            return TOKEN_DENIAL
        asks_for_token = self.token and path not in OPEN_PATHS
        return None if asks_for_token or self.knows(host) else HOST_DENIAL

    def admits(self, path: str, authorization: str | None) -> bool:
        """Whether a request shows the token, or need not.

        Takes the same time for every wrong token of a length.
        """
        if not self.token or path in OPEN_PATHS:
            return True
        scheme, _, given = (authorization or "").partition(" ")
        offered = {"bearer": _itself, "basic": _password}.get(scheme.lower(), _nothing)(given)
        return hmac.compare_digest(offered, self.token.get_secret_value().encode())

    def knows(self, host: str | None) -> bool:
        """Whether no web page of strangers can have sent a browser here by this Host header.

        A page may point a name of its own at our address (DNS rebinding), and read what we answer.
        It cannot do that with an address, a name without a dot or a private name.
        """
        if not host:  # no browser
            return True
        name = host_name(host)
        return (
            "." not in name
            or _is_address(name)
            or name.endswith(PRIVATE_SUFFIXES)
            or name == socket.gethostname().lower()
            or name in self.names
        )


def guard(settings: Settings) -> Guard:
    """The guard that the settings ask for."""
    names = filter(None, (each.strip() for each in settings.listen_allowed_hosts.split(",")))
    return Guard(settings.listen_token, frozenset(map(host_name, names)))


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


def _itself(given: str) -> bytes:
    return given.strip().encode(errors="surrogateescape")


def _password(given: str) -> bytes:
    try:
        return base64.b64decode(given.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _nothing(_: str) -> bytes:
    return b""
