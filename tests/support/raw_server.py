"""A server on loopback that answers every connection with the same bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import Final

OK: Final = b"HTTP/1.1 200 OK\r\n"

BROKEN_RESPONSES: Final = {
    "nothing": b"",
    "no HTTP": b"\x16\x03\x01 this is no HTTP\r\n\r\n",
    "bad status": b"HTTP/1.1 abc OK\r\n\r\n",
    "long header": OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
    "many headers": OK + b"X: x\r\n" * 200 + b"\r\n",
    "cut header": OK + b"Content-Length: 5",
    "cut body": OK + b"Content-Length: 500\r\n\r\n{",
    "bad chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "cut chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n50\r\n{",
    "redirected nowhere": b"HTTP/1.1 302 Found\r\nLocation: ftp://[\r\n\r\n",
    "redirected to ftp": b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1:1/\r\n\r\n",
    "redirected for ever": b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    "cut refusal": b"HTTP/1.1 500 No\r\nContent-Length: 500\r\n\r\n{",
}
"""Malformed responses, by their fault."""

UNEXPECTED_BODIES: Final = {
    "html": OK + b"Content-Length: 6\r\n\r\n<html>",
    "binary": OK + b"Content-Length: 4\r\n\r\n\xff\xfe\x00\x01",
    "deep": OK + b"\r\n" + b"[" * 100_000,
    "other json": OK + b"\r\n" + b'{"registered_model": 1}',
    "a path": OK + b"\r\n" + b'{"registered_model": {"aliases": '
    b'[{"alias": "champion", "version": "../../x"}]}}',
}
"""HTTP responses with an unexpected body."""


@contextmanager
def raw_server(answer: bytes, *, drips: bytes = b"") -> Iterator[str]:
    """Yields its address. `drips` is sent ten times a second after the answer."""
    over = threading.Event()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=reply, args=[connection], daemon=True).start()

    def reply(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65_536)
            connection.sendall(answer)
            for each in repeat(drips) if drips else ():
                connection.sendall(each)
                if over.wait(0.1):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
