"""Serves the pages from a thread."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import uvicorn
from starlette.types import ASGIApp

from contract.errors import WorkerFailed
from contract.process import check_port
from monitoring.pages.board import Board


def serve(
    pages: ASGIApp,
    board: Board,
    host: str,
    port: int,
    on_failure: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Callable[[], None]:
    """Serves until what is returned is called. Raises `PortTaken`.

    `on_failure` is entered in the server's thread, and hears of what goes wrong there.
    """
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

    def run() -> None:
        with on_failure():
            try:
                server.run()
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
