"""The Prefect server that the flow reports to: the user's, or one of our own as a child process."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import HTTPError

from contract.errors import WorkerFailed
from contract.http_client import fetch
from contract.process import port_error, writable_folder
from contract.proxies import proxy_hint

HOST: Final = "127.0.0.1"
STARTS_WITHIN: Final = 120.0
"""Seconds for a server of ours, which makes its tables first."""
ANSWERS_WITHIN: Final = 5.0
"""Seconds for the user's server."""
ENDS_WITHIN: Final = 3.0

log = logging.getLogger(__name__)


class TheirServer:
    """A server that somebody else runs."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ends_at = time.monotonic() + ANSWERS_WITHIN

    def wait(self) -> None:
        """Returns when it answers. Raises `WorkerFailed`."""
        while not _answers(self._url):
            if time.monotonic() > self._ends_at:
                raise WorkerFailed(
                    f"no Prefect server answers at {self._url}{proxy_hint(self._url)}: "
                    "start it, or unset PREFECT_API_URL"
                )
            time.sleep(0.05)

    def revive(self) -> None:
        """Its own people see to it."""


class OwnServer:
    """A server that lives and dies with us."""

    def __init__(self, home: Path, port: int) -> None:
        """Starts it. Raises `PortTaken` or `StorageFailed`."""
        self._home = writable_folder(home).resolve()
        self._log = self._home / "server.log"
        self._port, self._pages = _bindable(port), bool(port)
        self.url: Final = f"http://{HOST}:{self._port}/api"
        self._process = self._started()
        self._ends_at = time.monotonic() + STARTS_WITHIN

    def wait(self) -> None:
        """Returns when it answers. Raises `WorkerFailed`."""
        while not _answers(self.url):
            code = self._process.poll()
            if code is not None:
                raise WorkerFailed(
                    f"the Prefect server ended with code {code}: its log is {self._log}"
                )
            if time.monotonic() > self._ends_at:
                raise WorkerFailed(
                    f"no Prefect server answers at {self.url}: its log is {self._log}"
                )
            time.sleep(0.05)

    def revive(self) -> None:
        """Starts it again if it has ended; what it knows is on disk."""
        code = self._process.poll()
        if code is not None:
            log.warning("the Prefect server ended with code %s and is started again", code)
            self._process = self._started()

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        own = {
            "PREFECT_API_URL": self.url,
            "PREFECT_HOME": str(self._home),  # or two servers could share one database
            "PREFECT_UI_ENABLED": str(self._pages).lower(),
        }
        with self._log.open("wb") as output:
            return subprocess.Popen(
                _command(self._port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **own},
            )


Server = TheirServer | OwnServer


@contextmanager
def prefect_server(home: Path, port: int = 0) -> Iterator[Server]:
    """Sets PREFECT_API_URL if it is not set, and starts the server that it names.

    There is time to import Prefect, which reads the variable, before it is waited for. With a port,
    the server also shows its pages there. Raises `PortTaken` or `StorageFailed`.

    Prefect's own temporary server takes a port between 8000 and 8999, where our stages listen,
    does not run schedules, and starts only after all imports.
    """
    theirs = os.environ.get("PREFECT_API_URL")
    if theirs:
        yield TheirServer(theirs)
        return
    server = OwnServer(home, port)
    os.environ["PREFECT_API_URL"] = server.url
    try:
        yield server
    finally:
        del os.environ["PREFECT_API_URL"]
        server.stop()


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


def _answers(url: str) -> bool:
    try:
        fetch(f"{url}/health", timeout=1)
    except HTTPError:  # it answers; whether we may use it, Prefect finds out
        return True
    except (OSError, ValueError):
        return False
    return True
