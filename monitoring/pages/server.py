"""Serves the pages from a thread."""

import threading
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from contract.process import check_port
from monitoring.pages.board import Board


def serve(pages: ASGIApp, board: Board, host: str, port: int) -> Callable[[], None]:
    """Serves until what is returned is called. Raises `PortTaken`."""
    check_port(host, port)
    config = uvicorn.Config(
        pages,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="pages", daemon=True)
    thread.start()

    def stop() -> None:
        board.stop()
        server.should_exit = True
        thread.join()

    return stop
