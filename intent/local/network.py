"""HTTP requests to the stages, and free ports of this machine."""

import socket
from contextlib import ExitStack

from contract.http_client import fetch


def http_get(host: str, port: int, path: str, timeout: float = 2, token: str = "") -> bytes | None:
    """Sends a GET request to a stage.

    Args:
        host: Name or address.
        port: Port.
        path: Path with a leading slash.
        timeout: Seconds.
        token: Bearer token; empty sends none.

    Returns:
        The body of a 200 response; None for any other response, an error or a timeout.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    name = f"[{host}]" if ":" in host else host
    try:
        return fetch(f"http://{name}:{port}{path}", timeout=timeout, headers=headers, direct=True)
    except OSError:
        return None


def free_ports(host: str, count: int) -> list[int]:
    """Different ports on which nothing listens at the moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for bound_socket in sockets:
            bound_socket.bind((host, 0))
        return [bound_socket.getsockname()[1] for bound_socket in sockets]
