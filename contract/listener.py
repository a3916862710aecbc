"""The listening socket of every HTTP server of ours: bounds what connections may cost.

It works below the HTTP library, so that four servers of three libraries have the same limits. A
connection counts as stalled when nothing was sent to it for some time: its request was never
complete (headers or body), or its answer is not read.
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

OPEN_FILES_SHARE: Final = 4
"""Connections take at most one of so many open files of the process."""

STALLED_AFTER: Final = 20.0
"""Seconds without a byte sent after which a connection is closed."""

BACKLOG: Final = 64
"""Connections that wait in the kernel; as many are accepted in one go."""

CHECKS_PER_TIMEOUT: Final = 20

ACCEPT_PAUSE: Final = 0.1
"""Seconds without an accept after the process ran out of files: asyncio logs every failure."""

OUT_OF_FILES: Final = (errno.EMFILE, errno.ENFILE)


def raise_file_limit() -> None:
    """Lets this process open as many files as it may: the soft limit becomes the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # macOS refuses "unlimited"
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def max_connections() -> int:
    """How many connections one server holds at most, from the process's file limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, soft // OPEN_FILES_SHARE))


class Listener(socket.socket):
    """Listens on host:port; accepts `limit` connections at a time.

    At the limit the connection that stalled longest makes room for the new one: those that were
    never sent anything first. So slow clients cannot keep a health check out.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        limit: int | None = None,
        stalled_after: float | None = None,
    ) -> None:
        """Binds. Raises `OSError` if it cannot."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = min(found, key=lambda each: each[0])  # IPv4 first
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
        """Starts to listen, and to close connections that stall."""
        super().listen(min(backlog, BACKLOG))
        threading.Thread(target=self._close_stalled, name="stalled", daemon=True).start()

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection. Raises `BlockingIOError` while there is no room for one."""
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
        """Stops listening; connections go on."""
        self._closed_event.set()
        super().close()

    def _make_room(self) -> None:
        self._open = [each for each in self._open if each.fileno() >= 0]
        if len(self._open) < self._limit:
            return
        if not any(each.aborted for each in self._open):
            min(self._open, key=lambda each: (each.was_sent_to, each.active_at)).abort()
        raise BlockingIOError(errno.EAGAIN, "no room until that connection is closed")

    def _close_stalled(self) -> None:
        while not self._closed_event.wait(self._stalled_after / CHECKS_PER_TIMEOUT):
            with self._lock:
                self._open = [each for each in self._open if each.fileno() >= 0]
                for each in self._open:
                    if time.monotonic() - each.active_at > self._stalled_after:
                        each.abort()


class _Connection(socket.socket):
    """An accepted connection. Knows when something was last sent to it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.active_at = time.monotonic()
        self.was_sent_to = False
        self.aborted = False
        self._lock = threading.RLock()

    def abort(self) -> None:
        """Has whoever reads from it or writes to it see that it is over, and close it."""
        self.aborted = True
        with self._lock, suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Not while `abort` runs: its number could be another connection's by then."""
        with self._lock:
            super().close()

    def send(self, *given: Any) -> int:
        """As inherited."""
        return int(self._sent(super().send, *given))

    def sendall(self, *given: Any) -> None:
        """As inherited."""
        self._sent(super().sendall, *given)

    def sendmsg(self, *given: Any) -> int:
        """As inherited."""
        return int(self._sent(super().sendmsg, *given))

    def _sent(self, send: Callable[..., Any], *given: Any) -> Any:
        result = send(*given)
        self.active_at = time.monotonic()
        self.was_sent_to = True
        return result
