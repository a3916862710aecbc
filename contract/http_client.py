"""Asks a server over HTTP: total time and size are limited, and faults are `OSError`s."""

import io
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import TracebackType
from typing import Any, Final, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from contract.settings import is_loopback

MAX_BYTES: Final = 16 * 1024 * 1024
"""Of a body."""

WEB: Final = ("http", "https")


def fetch(
    url: str,
    *,
    timeout: float,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    direct: bool = False,
) -> bytes:
    """The body of an answer below 400, redirects followed.

    Args:
        url: http or https.
        timeout: seconds for the whole of it, from looking up the name to the last byte.
        headers: of the request; they are not sent to whom a redirect leads to.
        tls: how the server is known, for https.
        direct: no proxy, whatever variables say; so it is on loopback anyway.

    Raises:
        HTTPError: for an answer of 400 or more; its body can be read.
        OSError: for everything else: no connection, no HTTP, too late or too much.
    """
    proxies = ProxyHandler({}) if direct or is_loopback(_host(url)) else ProxyHandler()
    request = Request(url)  # noqa: S310  the user's address
    for name, value in (headers or {}).items():
        request.add_unredirected_header(name, value)
    with _Deadline(timeout) as deadline:
        opener = build_opener(proxies, _WebRedirects, _Http(deadline), _Https(deadline, tls))
        try:
            return _answer(opener, request, timeout)
        except (HTTPException, ValueError) as failure:
            told = " ".join(str(failure).split())[:100]
            raise OSError(f"no HTTP answer ({type(failure).__name__}: {told})") from None
        finally:
            if deadline.has_passed:  # the end of its connection may look like that of an answer
                raise TimeoutError(f"no complete answer within {timeout:g} s") from None


def _answer(opener: OpenerDirector, request: Request, timeout: float) -> bytes:
    try:
        with opener.open(request, timeout=timeout) as answer:
            return _body(answer)
    except HTTPError as refused:
        with refused:
            body = io.BytesIO(_body(refused))
        told = request.full_url, refused.code, refused.reason, refused.headers
        raise HTTPError(*told, body) from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _body(answer: Any) -> bytes:
    body: bytes = answer.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise OSError(f"an answer of more than {MAX_BYTES} bytes")
    if answer.length:  # `read` with a size does not mind
        raise OSError(f"an answer that ends {answer.length} bytes early")
    return body


class _Deadline:
    """Ends the connections that were made in its block, once the time is over."""

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def connect(self, *given: Any, **named: Any) -> socket.socket:
        """As `socket.create_connection`."""
        connected = socket.create_connection(*given, **named)
        with self._lock:
            if self.has_passed:
                connected.close()
                raise TimeoutError
            self._sockets.append(connected.dup())  # TLS takes the other one away
        return connected

    def _end(self) -> None:
        with self._lock:
            self.has_passed = True
            for each in self._sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


class _WebRedirects(HTTPRedirectHandler):
    def redirect_request(self, *given: Any, **named: Any) -> Request | None:
        """As inherited, which would follow to FTP."""
        address = given[-1]
        if urlsplit(address).scheme not in WEB:
            raise OSError(f"redirected to {address}")
        return super().redirect_request(*given, **named)


class _Http(HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: Request) -> Any:
        return self.do_open(self._connection, req)

    def _connection(self, *given: Any, **named: Any) -> HTTPConnection:
        made = HTTPConnection(*given, **named)
        made._create_connection = self._deadline.connect  # type: ignore[attr-defined]
        return made


class _Https(HTTPSHandler):
    def __init__(self, deadline: _Deadline, tls: ssl.SSLContext | None) -> None:
        super().__init__(context=tls)
        self._deadline = deadline
        self._tls = tls

    def https_open(self, req: Request) -> Any:
        return self.do_open(self._connection, req)

    def _connection(self, *given: Any, **named: Any) -> HTTPSConnection:
        made = HTTPSConnection(*given, context=self._tls, **named)
        made._create_connection = self._deadline.connect  # type: ignore[attr-defined]
        return made
