"""An OAuth issuer on loopback: client credentials in, signed tokens out."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple, Self
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCE: Final = "kafka"

SECRET: Final = "secret of a client, Vb8%+'"  # noqa: S105  of an issuer that lives for a test

LIFETIME: Final = 3_600


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Issued(NamedTuple):
    """A token that was given to a client, at a time in seconds since the epoch."""

    client: str
    scope: str
    lifetime: int
    at: float


class Issuer:
    """Gives a token to every client that knows `SECRET`; the client's id is the Kafka user.

    Attributes:
        url: Token endpoint. `?lifetime=4` shortens the tokens' life, in seconds.
        jwks_url: The public key, for the broker.
        issued: The tokens.
    """

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        self.issued: list[Issued] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._answer(self, 200, issuer._jwks())

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                issuer._answer(self, *issuer._token_for(self.headers, self.path, form))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url, self.jwks_url = f"{address}/token", f"{address}/jwks"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, user: str, lifetime: int = LIFETIME) -> str:
        """A token of a Kafka user that lives so many seconds."""
        now = int(time.time())
        claims = {"sub": user, "aud": AUDIENCE, "iat": now, "exp": now + lifetime}
        header = {"alg": "RS256", "typ": "JWT", "kid": "1"}
        content = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
        signature = self._key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{content}.{_text(signature)}"

    def _token_for(self, headers: Any, path: str, form: str) -> tuple[int, dict[str, Any]]:
        client, _, secret = b64decode(headers["Authorization"].split()[1]).decode().partition(":")
        if secret != SECRET:
            return 401, {"error": "invalid_client", "error_description": "no such client"}
        lifetime = int(path.partition("lifetime=")[2] or LIFETIME)
        scope = parse_qs(form).get("scope", [""])[0]
        self.issued.append(Issued(client, scope, lifetime, time.time()))
        return 200, {
            "access_token": self.token(client, lifetime),
            "expires_in": lifetime,
            "token_type": "Bearer",
        }

    def _jwks(self) -> dict[str, Any]:
        public = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1"}
        return {"keys": [{**key, "n": _number(public.n), "e": _number(public.e)}]}

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
