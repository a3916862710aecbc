"""Free ports, locked against other tests of this and other runs."""

import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

PORTS: Final = range(10_000, 24_000)
"""Below the kernel's ephemeral ports, which an outgoing connection may take at any time."""

_LOCKS: Final = Path(tempfile.gettempdir()) / "intent-test-ports"

_taken: Final[dict[int, FileLock]] = {}


def free_ports(host: str, count: int) -> list[int]:
    """Returns different free ports, locked until this process ends."""
    return [_free_port(host) for _ in range(count)]


def _free_port(host: str) -> int:
    _LOCKS.mkdir(exist_ok=True)
    while True:
        port = random.choice(PORTS)
        if port in _taken:
            continue
        lock = FileLock(_LOCKS / f"{port}.lock", timeout=0)
        with suppress(Timeout, OSError), socket.socket() as probe:
            lock.acquire()
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            _taken[port] = lock
            return port
