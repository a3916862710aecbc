"""Ports of this machine: which are free."""

import socket
from contextlib import ExitStack

from contract.process import port_error


def free_ports(host: str, count: int) -> list[int]:
    """Different ports that nobody listens on, for now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for held_socket in sockets:
            held_socket.bind((host, 0))
        return [held_socket.getsockname()[1] for held_socket in sockets]


def check_free(host: str, port: int) -> None:
    """Raises `PortTaken` if somebody listens on the port."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            raise port_error(host, port, error) from None
