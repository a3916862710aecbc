"""The Prefect server of the flow: an external one, or a local one as a child process."""

import logging
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import HTTPError

from contract.errors import WorkerFailed
from contract.folders import writable_folder
from contract.http_client import fetch
from contract.process import port_in_use
from contract.proxies import proxy_hint
from contract.timeouts import InactivityTimeout

HOST: Final = "127.0.0.1"
RESPONSE_TIMEOUT: Final = 5.0
"""Seconds for an external server to answer."""
HANG_TIMEOUT: Final = 30.0
"""Seconds without an answer after which a local server that had answered is restarted."""
_AUTH: Final = re.compile(r"intent:[\w-]{43}")

CHECK_INTERVAL: Final = 2.0
LOG_INTERVAL: Final = 10.0
"""Seconds between two log lines while the server starts."""
SHUTDOWN_TIMEOUT: Final = 3.0
AUTH_FILE: Final = "auth-string"
"""File beside the database with the local server's credentials: Prefect's `user:password`."""

log = logging.getLogger(__name__)


class ExternalServer:
    """A server that PREFECT_API_URL names."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._deadline = time.monotonic() + RESPONSE_TIMEOUT

    def wait_until_ready(self) -> None:
        """Returns when the server answers. Raises `WorkerFailed`."""
        while not _answers(self._url):
            if time.monotonic() > self._deadline:
                raise WorkerFailed(
                    f"no Prefect server answers at {self._url}{proxy_hint(self._url)}: "
                    "start it, or unset PREFECT_API_URL"
                )
            time.sleep(0.05)

    @contextmanager
    def supervised(self) -> Iterator[None]:
        """Does nothing: the server's owner restarts it."""
        yield


class LocalServer:
    """A child process that ends with this one.

    Every client, also a page in a browser on this machine, needs the string in `AUTH_FILE`, which
    only this user can read. Pages of other origins cannot read its answers.

    Attributes:
        url: of its API.
        auth: value of PREFECT_API_AUTH_STRING for clients.
    """

    def __init__(self, home: Path, port: int, startup_timeout: float) -> None:
        """Starts the server.

        Args:
            home: its PREFECT_HOME.
            port: to listen on, also with web pages; 0 is a free one, without pages.
            startup_timeout: seconds without progress after which the start has failed.

        Raises:
            PortTaken: another process listens on the port.
            StorageFailed: `home` cannot be written.
        """
        self._home = writable_folder(home).resolve()
        self._log = self._home / "server.log"
        self._port, self._ui_enabled = _bindable_port(port), bool(port)
        self._startup_timeout = startup_timeout
        self.url: Final = f"http://{HOST}:{self._port}/api"
        self.auth: Final = _auth_string(self._home / AUTH_FILE)
        self._start()

    def wait_until_ready(self) -> None:
        """Returns when the server answers; logs its progress. Raises `WorkerFailed`."""
        started = last_log = time.monotonic()
        while not self._is_up():
            code = self._process.poll()
            if code is not None:
                raise WorkerFailed(
                    f"the Prefect server ended with code {code}: its log is {self._log}"
                )
            if self._inactivity.has_expired():
                raise WorkerFailed(
                    f"the Prefect server at {self.url} does not answer, and made no progress for "
                    f"{self._startup_timeout:g} s: its log is {self._log}; on a slow machine, "
                    "raise INTENT_STARTUP_TIMEOUT"
                )
            if time.monotonic() - last_log > LOG_INTERVAL:
                last_log = time.monotonic()
                log.info(
                    "waiting for the Prefect server to start seconds=%.0f log=%s",
                    last_log - started,
                    self._log,
                )
            time.sleep(0.05)

    @contextmanager
    def supervised(self, hang_timeout: float = HANG_TIMEOUT) -> Iterator[None]:
        """Restarts a server that ends or hangs, until the block ends."""
        stopped = threading.Event()

        def supervise() -> None:
            while not stopped.wait(min(CHECK_INTERVAL, hang_timeout)):
                try:
                    self._check(hang_timeout)
                except OSError as failure:  # no memory, file descriptors or disk: try again
                    log.warning("cannot restart the Prefect server: %s", failure)

        thread = threading.Thread(target=supervise, name="prefect-server", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def stop(self) -> None:
        """Terminates the server; kills it after `SHUTDOWN_TIMEOUT`."""
        self._process.terminate()
        try:
            self._process.wait(SHUTDOWN_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _check(self, hang_timeout: float) -> None:
        code = self._process.poll()
        if code is not None:
            log.warning("restarting the Prefect server, which ended exit_code=%s", code)
            self._start()
        elif not self._is_up(min(RESPONSE_TIMEOUT, hang_timeout)):
            unanswered_seconds = time.monotonic() - self._last_answer
            # a server that never answered is still starting
            hangs = (
                unanswered_seconds > hang_timeout
                if self._last_answer
                else self._inactivity.has_expired()
            )
            if hangs:
                log.warning("restarting the Prefect server, which does not answer")
                self._process.kill()
                self._process.wait()
                self._start()

    def _is_up(self, timeout: float = 1) -> bool:
        if _answers(self.url, timeout):
            self._last_answer = time.monotonic()
            return True
        return False

    def _start(self) -> None:
        """Starts the process; its state is on disk."""
        variables = {
            "PREFECT_API_URL": self.url,
            "PREFECT_HOME": str(self._home),  # or two servers could share one database
            "PREFECT_UI_ENABLED": str(self._ui_enabled).lower(),
            "PREFECT_SERVER_API_AUTH_STRING": self.auth,
            "PREFECT_API_AUTH_STRING": self.auth,  # for its requests to itself
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{self._port}",
        }
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                _command(self._port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **variables},
            )
        self._last_answer = 0.0
        self._inactivity = InactivityTimeout([self._process.pid], self._startup_timeout)


Server = ExternalServer | LocalServer


@contextmanager
def prefect_server(home: Path, startup_timeout: float, port: int = 0) -> Iterator[Server]:
    """Yields the server of PREFECT_API_URL, or starts a local one and sets that variable.

    Import Prefect, which reads the variable, inside the block; then wait for the server. Prefect's
    own temporary server is not used: it takes a port between 8000 and 8999, where our stages
    listen, runs no schedules, and starts only after all imports.

    Args:
        home: PREFECT_HOME of a local server.
        startup_timeout: seconds without progress after which its start has failed.
        port: of a local server, also with web pages; 0 is a free one, without pages.

    Raises:
        PortTaken: another process listens on the port.
        StorageFailed: `home` cannot be written.
    """
    external_url = os.environ.get("PREFECT_API_URL")
    if external_url:
        yield ExternalServer(external_url)
        return
    server = LocalServer(home, port, startup_timeout)
    variables = {"PREFECT_API_URL": server.url, "PREFECT_API_AUTH_STRING": server.auth}
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield server
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        server.stop()


def _auth_string(file: Path) -> str:
    """Reads the credentials, which stay the same; makes them if they are missing or damaged."""
    try:
        auth = file.read_text(encoding="ascii", errors="replace").strip()
        file.chmod(0o600)
    except FileNotFoundError:
        auth = ""
    if not _AUTH.fullmatch(auth):
        auth = f"intent:{secrets.token_urlsafe(32)}"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as output:
            output.write(f"{auth}\n")
    return auth


def _command(port: int) -> list[str]:
    app = "prefect.server.api.server:create_app"
    options = [f"--host={HOST}", f"--port={port}", "--log-level=warning", "--lifespan=on"]
    return [sys.executable, "-m", "uvicorn", "--factory", app, *options]


def _bindable_port(port: int) -> int:
    """The port, or a free one for 0. Raises `PortTaken`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise port_in_use(HOST, port, error) from None
        return int(probe.getsockname()[1])


def _answers(url: str, timeout: float = 1) -> bool:
    try:
        fetch(f"{url}/health", timeout=timeout)
    except HTTPError:  # it answers; Prefect's client reports missing permissions
        return True
    except (OSError, ValueError):
        return False
    return True
