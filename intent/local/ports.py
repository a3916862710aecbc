"""Ports of this machine: which are free."""

import socket
from contextlib import ExitStack


def free_ports(host: str, count: int) -> list[int]:
    """Different ports that nobody listens on, for now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for held_socket in sockets:
            held_socket.bind((host, 0))
        return [held_socket.getsockname()[1] for held_socket in sockets]
