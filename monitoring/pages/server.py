"""Runs the HTTP server of the pages in a thread."""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import h11
import uvicorn
from starlette.types import ASGIApp

from contract.errors import WorkerFailed
from contract.process import bind_listener
from monitoring.pages.broadcaster import EventBroadcaster


def serve(  # noqa: PLR0913
    app: ASGIApp,
    broadcaster: EventBroadcaster,
    host: str,
    port: int,
    *,
    stalled_after: float | None = None,
    on_failure: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Callable[[], None]:
    """Starts the server and returns a function that stops it.

    Args:
        app: The application.
        broadcaster: Is stopped before the server, since its streams never end by themselves.
        host: Address to listen on.
        port: Port to listen on.
        stalled_after: Seconds without a byte sent after which a connection is closed; the
            listener's default if None.
        on_failure: Context in which the server's thread works, and which is given its failure.

    Raises:
        PortTaken: Another program listens on the port.
    """
    sockets: list[socket.socket] = [bind_listener(host, port, stalled_after=stalled_after)]
    config = uvicorn.Config(
        app,
        loop="asyncio",  # uvloop would accept connections without our listener's limits
        http="h11",  # httptools does not limit the size of the request line and headers
        ws="none",
        log_config=None,
        log_level="error",  # its warnings are about bad requests
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    logging.getLogger("uvicorn.error").addFilter(_is_not_bad_request)

    def run() -> None:
        with on_failure():
            try:
                server.run(sockets)
            except SystemExit:  # uvicorn cannot start
                server.should_exit = False
            if not server.should_exit:
                raise WorkerFailed(
                    f"the page server on {host}:{port} stopped: see the log, and restart"
                )

    thread = threading.Thread(target=run, name="pages", daemon=True)
    thread.start()

    def stop() -> None:
        broadcaster.stop()
        server.should_exit = True
        thread.join()

    return stop


def _is_not_bad_request(record: logging.LogRecord) -> bool:
    """Returns False for a response on a connection that a bad request had closed."""
    fault = record.exc_info[1] if record.exc_info else None
    return not isinstance(fault, h11.LocalProtocolError)
