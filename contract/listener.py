"""Listening socket of every HTTP server: limits the number of connections and closes stalled ones.

It works below the HTTP library, so servers of different libraries have the same limits. A
connection is stalled if nothing was sent to it for some time: its request was never completed
(headers or body), or its response is not read.
"""

import errno
import resource
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

MAX_CONNECTIONS: Final = 256

OPEN_FILES_DIVISOR: Final = 4
"""Connections use at most one of this many file descriptors of the process."""

STALLED_AFTER: Final = 20.0
"""Seconds without a byte sent to a connection after which it is closed."""

ANSWER_TIME: Final = 1.0
"""Seconds within which a server answers."""

BACKLOG: Final = 64
"""Length of the kernel's accept queue. asyncio accepts as many at once."""

CHECKS_PER_TIMEOUT: Final = 20

ACCEPT_PAUSE: Final = 0.1
"""Seconds without an accept after EMFILE or ENFILE. asyncio logs every failed accept."""

OUT_OF_FILES: Final = (errno.EMFILE, errno.ENFILE)


def raise_file_limit() -> None:
    """Raises this process's soft limit of open files to its hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # macOS rejects "unlimited"
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def max_connections() -> int:
    """Maximum number of connections of one server, from the process's limit of open files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, soft // OPEN_FILES_DIVISOR))


class Listener(socket.socket):
    """Listens on host:port with at most `limit` open connections.

    At the limit, the connection that has stalled longest is closed for the new one. Connections to
    which nothing was sent within `ANSWER_TIME` go first, so slow clients cannot block a health
    check. Younger ones do not: among many clients that are answered, it is the health check.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        limit: int | None = None,
        stalled_after: float | None = None,
    ) -> None:
        """Binds the socket. Raises `OSError`."""
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = min(addresses, key=lambda item: item[0])  # IPv4 first
        super().__init__(family, kind, protocol)
        self._limit = max_connections() if limit is None else limit
        self._stalled_after = STALLED_AFTER if stalled_after is None else stalled_after
        self._open: list[_Connection] = []
        self._lock = threading.Lock()
        self._closed_event = threading.Event()
        self._resume_at = 0.0
        try:
            self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.bind(address)
        except OSError:
            self.close()
            raise

    def listen(self, backlog: int = BACKLOG, /) -> None:
        """Starts to listen, and starts the thread that closes stalled connections."""
        super().listen(min(backlog, BACKLOG))
        threading.Thread(target=self._close_stalled, name="stalled", daemon=True).start()

    def accept(self) -> tuple[socket.socket, Any]:
        """Accepts a connection. Raises `BlockingIOError` while the limit is reached."""
        if time.monotonic() < self._resume_at:
            raise BlockingIOError(errno.EAGAIN, "out of files")
        with self._lock:
            self._make_room()
        try:
            number, address = self._accept()  # type: ignore[attr-defined]  # as in socket.accept
        except OSError as failure:
            if failure.errno in OUT_OF_FILES:
                self._resume_at = time.monotonic() + ACCEPT_PAUSE
            raise
        accepted = _Connection(self.family, self.type, self.proto, fileno=number)
        if self.gettimeout():
            accepted.setblocking(True)
        with self._lock:
            self._open.append(accepted)
        return accepted, address

    def close(self) -> None:
        """Stops listening. Open connections stay open."""
        self._closed_event.set()
        super().close()

    def _make_room(self) -> None:
        self._open = [connection for connection in self._open if connection.fileno() >= 0]
        if len(self._open) < self._limit:
            return
        if not any(connection.aborted for connection in self._open):
            young = time.monotonic() - ANSWER_TIME
            min(
                self._open,
                key=lambda item: (item.was_sent_to or item.active_at > young, item.active_at),
            ).abort()
        raise BlockingIOError(errno.EAGAIN, "connection limit reached")

    def _close_stalled(self) -> None:
        while not self._closed_event.wait(self._stalled_after / CHECKS_PER_TIMEOUT):
            with self._lock:
                self._open = [connection for connection in self._open if connection.fileno() >= 0]
                for connection in self._open:
                    if time.monotonic() - connection.active_at > self._stalled_after:
                        connection.abort()


class _Connection(socket.socket):
    """An accepted connection that records when something was last sent to it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.active_at = time.monotonic()
        self.was_sent_to = False
        self.aborted = False
        self._lock = threading.RLock()

    def abort(self) -> None:
        """Shuts the connection down: the server's next read or write fails and closes it."""
        self.aborted = True
        with self._lock, suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Waits for `abort`: after a close, the descriptor may be that of another connection."""
        with self._lock:
            super().close()

    def send(self, *args: Any) -> int:
        """As inherited."""
        return int(self._record_sent(super().send, *args))

    def sendall(self, *args: Any) -> None:
        """As inherited."""
        self._record_sent(super().sendall, *args)

    def sendmsg(self, *args: Any) -> int:
        """As inherited."""
        return int(self._record_sent(super().sendmsg, *args))

    def _record_sent(self, send: Callable[..., Any], *args: Any) -> Any:
        result = send(*args)
        self.active_at = time.monotonic()
        self.was_sent_to = True
        return result
