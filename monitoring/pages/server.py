"""Serves the pages from a thread."""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import h11
import uvicorn
from starlette.types import ASGIApp

from contract.errors import WorkerFailed
from contract.process import listener
from monitoring.pages.board import Board


def serve(  # noqa: PLR0913
    pages: ASGIApp,
    board: Board,
    host: str,
    port: int,
    *,
    stalled_after: float | None = None,
    on_failure: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Callable[[], None]:
    """Serves until what is returned is called. Raises `PortTaken`.

    Args:
        pages: the application.
        board: is stopped with the server.
        host: address to listen on.
        port: of that address.
        stalled_after: seconds without a byte sent after which a connection is closed; by default
            the listener's own.
        on_failure: is entered in the server's thread, and hears of what goes wrong there.
    """
    sockets: list[socket.socket] = [listener(host, port, stalled_after=stalled_after)]
    config = uvicorn.Config(
        pages,
        loop="asyncio",  # uvloop accepts connections by itself
        http="h11",  # httptools knows no largest request line or header
        ws="none",
        log_config=None,
        log_level="error",  # its warnings are of bad requests
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    logging.getLogger("uvicorn.error").addFilter(_is_no_bad_request)

    def run() -> None:
        with on_failure():
            try:
                server.run(sockets)
            except SystemExit:  # uvicorn's way to say that it cannot start
                server.should_exit = False
            if not server.should_exit:
                raise WorkerFailed(
                    f"the server of the pages on {host}:{port} ended: see the log, and start again"
                )

    thread = threading.Thread(target=run, name="pages", daemon=True)
    thread.start()

    def stop() -> None:
        board.stop()
        server.should_exit = True
        thread.join()

    return stop


def _is_no_bad_request(record: logging.LogRecord) -> bool:
    """False where an answer met a connection that a bad request had ended."""
    fault = record.exc_info[1] if record.exc_info else None
    return not isinstance(fault, h11.LocalProtocolError)
