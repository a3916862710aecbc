"""Who may read pages and metrics: whoever knows the token, where there is one."""

import base64
import binascii
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

CHALLENGE: Final = 'Basic realm="intent-stream"'
"""Has a browser ask; the token is the password, the user's name does not matter."""

REFUSAL: Final = b"the token is missing or wrong\n"

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""A supervisor's probes have no token, and learn no more than whether we are well."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Guard:
    """Lets all in where the token is empty."""

    token: SecretStr = field(default_factory=lambda: SecretStr(""))

    def admits(self, path: str, authorization: str | None) -> bool:
        """Whether a request with this Authorization header gets an answer.

        Takes the same time for every wrong token of a length.
        """
        if not self.token or path in OPEN_PATHS:
            return True
        scheme, _, given = (authorization or "").partition(" ")
        offered = {"bearer": _itself, "basic": _password}.get(scheme.lower(), _nothing)(given)
        return hmac.compare_digest(offered, self.token.get_secret_value().encode())

    def wsgi(self, app: Wsgi) -> Wsgi:
        """The app, for those who are let in."""

        def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if self.admits(environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION")):
                return app(environ, start_response)
            start_response("401 Unauthorized", [("WWW-Authenticate", CHALLENGE)])
            return [REFUSAL]

        return guarded


def _itself(given: str) -> bytes:
    return given.strip().encode()


def _password(given: str) -> bytes:
    try:
        return base64.b64decode(given.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _nothing(_: str) -> bytes:
    return b""
