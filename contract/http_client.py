"""HTTP requests with a limit on their total time and size. All faults are `OSError`s."""

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
from urllib.parse import urlencode, urlsplit
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

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""Maximum size of a body."""

HTTP_SCHEMES: Final = ("http", "https")


def fetch(
    url: str,
    *,
    timeout: float,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    direct: bool = False,
) -> bytes:
    """Returns the body of a response with a status below 400. Follows redirects.

    Args:
        url: An http or https URL.
        timeout: Seconds for the complete request, from the DNS lookup to the last byte.
        headers: Request headers. They are not sent to the target of a redirect.
        tls: Verifies the server of an https URL.
        direct: Ignore the proxies of the environment. Loopback is always direct.

    Raises:
        HTTPError: The status is 400 or above; its body can be read.
        OSError: No connection, no HTTP, a timeout, or too large a body.
    """
    return _send(_request(url, None, headers or {}), timeout, tls, direct)


def post_form(
    url: str,
    form: Mapping[str, str],
    *,
    timeout: float,
    headers: Mapping[str, str],
    tls: ssl.SSLContext | None = None,
) -> bytes:
    """Posts the fields of a form; otherwise like `fetch`."""
    request = _request(url, urlencode(form).encode(), headers)
    return _send(request, timeout, tls, direct=False)


def _request(url: str, data: bytes | None, headers: Mapping[str, str]) -> Request:
    request = Request(url, data)  # noqa: S310  the user's URL
    for name, value in headers.items():
        request.add_unredirected_header(name, value)
    return request


def _send(request: Request, timeout: float, tls: ssl.SSLContext | None, direct: bool) -> bytes:
    own = direct or is_loopback(_host(request.full_url))
    proxies = ProxyHandler({}) if own else ProxyHandler()
    with _Deadline(timeout) as deadline:
        opener = build_opener(proxies, _WebRedirects, _Http(deadline), _Https(deadline, tls))
        try:
            return _open(opener, request, timeout)
        except (HTTPException, ValueError) as failure:
            text = " ".join(str(failure).split())[:100]
            raise OSError(f"no HTTP response ({type(failure).__name__}: {text})") from None
        finally:
            if deadline.has_passed:  # the closed connection may look like the end of a response
                raise TimeoutError(f"no complete answer within {timeout:g} s") from None


def _open(opener: OpenerDirector, request: Request, timeout: float) -> bytes:
    try:
        with opener.open(request, timeout=timeout) as response:
            return _read_body(response)
    except HTTPError as error:
        with error:
            body = io.BytesIO(_read_body(error))
        raise HTTPError(request.full_url, error.code, error.reason, error.headers, body) from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _read_body(response: Any) -> bytes:
    body: bytes = response.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise OSError(f"a response of more than {MAX_BODY_BYTES} bytes")
    if response.length:  # `read` with a size does not check it
        raise OSError(f"a response that ends {response.length} bytes early")
    return body


class _Deadline:
    """Shuts down the connections that were opened in its block when the time has passed."""

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
            for connection in self._sockets:
                connection.close()
            self._sockets.clear()

    def connect(self, *args: Any, **kwargs: Any) -> socket.socket:
        """Like `socket.create_connection`."""
        connected = socket.create_connection(*args, **kwargs)
        with self._lock:
            if self.has_passed:
                connected.close()
                raise TimeoutError
            self._sockets.append(connected.dup())  # TLS detaches the original
        return connected

    def _end(self) -> None:
        with self._lock:
            self.has_passed = True
            for connection in self._sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _WebRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> Request | None:
        """Rejects redirects to other schemes; urllib would follow them to FTP."""
        url = args[-1]
        if urlsplit(url).scheme not in HTTP_SCHEMES:
            raise OSError(f"redirected to {url}")
        return super().redirect_request(*args, **kwargs)


class _Http(HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: Request) -> Any:
        return self.do_open(self._connection, req)

    def _connection(self, *args: Any, **kwargs: Any) -> HTTPConnection:
        connection = HTTPConnection(*args, **kwargs)
        connection._create_connection = self._deadline.connect  # type: ignore[attr-defined]
        return connection


class _Https(HTTPSHandler):
    def __init__(self, deadline: _Deadline, tls: ssl.SSLContext | None) -> None:
        super().__init__(context=tls)
        self._deadline = deadline
        self._tls = tls

    def https_open(self, req: Request) -> Any:
        return self.do_open(self._connection, req)

    def _connection(self, *args: Any, **kwargs: Any) -> HTTPSConnection:
        connection = HTTPSConnection(*args, context=self._tls, **kwargs)
        connection._create_connection = self._deadline.connect  # type: ignore[attr-defined]
        return connection
