"""The Prefect server that the flow reports to: the user's, or one of our own as a child process."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from contract.errors import WorkerFailed
from contract.process import port_error, writable_folder

HOST: Final = "127.0.0.1"
STARTS_WITHIN: Final = 120.0
"""Seconds for a server of ours, which makes its tables first."""
ANSWERS_WITHIN: Final = 5.0
"""Seconds for the user's server."""
ENDS_WITHIN: Final = 3.0

Wait = Callable[[], None]


@contextmanager
def prefect_server(home: Path, port: int = 0) -> Iterator[Wait]:
    """Sets PREFECT_API_URL if it is not set, and starts the server that it names.

    Yields what waits until the server answers; in the meantime there is time to import Prefect,
    which reads the variable. With a port, the server also shows its pages there. Raises `PortTaken`
    or `StorageFailed`; the wait raises `WorkerFailed`.

    Prefect's own temporary server takes a port between 8000 and 8999, where our stages listen,
    does not run schedules, and starts only after all imports.
    """
    theirs = os.environ.get("PREFECT_API_URL")
    if theirs:
        ends_at = time.monotonic() + ANSWERS_WITHIN
        yield lambda: _wait(theirs, ends_at, None, "start it, or unset PREFECT_API_URL")
        return
    log = writable_folder(home) / "server.log"
    port, pages = _bindable(port), bool(port)
    url = f"http://{HOST}:{port}/api"
    with log.open("wb") as output:
        server = subprocess.Popen(
            _command(port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PREFECT_API_URL": url, "PREFECT_UI_ENABLED": str(pages).lower()},
        )
    os.environ["PREFECT_API_URL"] = url
    ends_at = time.monotonic() + STARTS_WITHIN
    try:
        yield lambda: _wait(url, ends_at, server, f"its log is {log}")
    finally:
        del os.environ["PREFECT_API_URL"]
        _stop(server)


def _command(port: int) -> list[str]:
    app = "prefect.server.api.server:create_app"
    options = [f"--host={HOST}", f"--port={port}", "--log-level=warning", "--lifespan=on"]
    return [sys.executable, "-m", "uvicorn", "--factory", app, *options]


def _bindable(port: int) -> int:
    """The port, or a free one for 0. Raises `PortTaken`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise port_error(HOST, port, error) from None
        return int(probe.getsockname()[1])


def _wait(url: str, ends_at: float, server: subprocess.Popen[bytes] | None, advice: str) -> None:
    while not _answers(url):
        if server is not None and server.poll() is not None:
            raise WorkerFailed(f"the Prefect server ended with code {server.returncode}: {advice}")
        if time.monotonic() > ends_at:
            raise WorkerFailed(f"no Prefect server answers at {url}: {advice}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/health", timeout=1).close()  # noqa: S310 the user's address
    except urllib.error.HTTPError:  # it answers; whether we may use it, Prefect finds out
        return True
    except (OSError, ValueError):
        return False
    return True


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
