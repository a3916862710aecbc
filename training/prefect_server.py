"""The Prefect server that the flow reports to: the user's, or one of our own as a child process."""

import logging
import os
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
ANSWERS_WITHIN: Final = 5.0
"""Seconds for the user's server."""
HUNG_AFTER: Final = 30.0
"""Seconds without an answer after which a server of ours that had answered is started again."""
CHECK_EVERY: Final = 2.0
SAY_EVERY: Final = 10.0
"""Seconds between two lines on what is waited for."""
ENDS_WITHIN: Final = 3.0
AUTH_FILE: Final = "auth-string"
"""File, beside the database, of what our server asks for: Prefect's `user:password`."""

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

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Its owners restart it."""
        yield


class OwnServer:
    """A server that lives and dies with us.

    Whoever can reach its port, a page in a browser on this machine included, needs the string in
    `AUTH_FILE`, which only this user can read; and no page of another origin may read an answer.

    Attributes:
        url: of its API.
        auth: what a client must show, Prefect's PREFECT_API_AUTH_STRING.
    """

    def __init__(self, home: Path, port: int, patience: float) -> None:
        """Starts it; `patience` is in seconds without progress.

        Raises `PortTaken` or `StorageFailed`.
        """
        self._home = writable_folder(home).resolve()
        self._log = self._home / "server.log"
        self._port, self._pages = _bindable(port), bool(port)
        self._limit = patience
        self.url: Final = f"http://{HOST}:{self._port}/api"
        self.auth: Final = _auth_string(self._home / AUTH_FILE)
        self._start()

    def wait(self) -> None:
        """Returns when it answers, and says meanwhile what is waited for. Raises `WorkerFailed`."""
        started = said = time.monotonic()
        while not self._is_up():
            code = self._process.poll()
            if code is not None:
                raise WorkerFailed(
                    f"the Prefect server ended with code {code}: its log is {self._log}"
                )
            if self._patience.has_expired():
                raise WorkerFailed(
                    f"no Prefect server answers at {self.url}, and the one that was started has "
                    f"done nothing for {self._limit:g} s: its log is {self._log}; raise "
                    "INTENT_STARTUP_TIMEOUT if this machine is that slow"
                )
            if time.monotonic() - said > SAY_EVERY:
                said = time.monotonic()
                log.info(
                    "waiting for the Prefect server to start, %.0f s until now; its log is %s",
                    said - started,
                    self._log,
                )
            time.sleep(0.05)

    @contextmanager
    def kept_alive(self, hung_after: float = HUNG_AFTER) -> Iterator[None]:
        """Until the block ends, a server that ends or hangs is started again."""
        over = threading.Event()

        def keep() -> None:
            while not over.wait(min(CHECK_EVERY, hung_after)):
                self._check(hung_after)

        thread = threading.Thread(target=keep, name="prefect-server", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _check(self, hung_after: float) -> None:
        code = self._process.poll()
        if code is not None:
            log.warning("the Prefect server ended with code %s and is started again", code)
            self._start()
        elif not self._is_up(min(ANSWERS_WITHIN, hung_after)):
            silent = time.monotonic() - self._heard
            # one that never answered is yet starting
            hangs = silent > hung_after if self._heard else self._patience.has_expired()
            if hangs:
                log.warning("the Prefect server does not answer and is started again")
                self._process.kill()
                self._process.wait()
                self._start()

    def _is_up(self, within: float = 1) -> bool:
        if _answers(self.url, within):
            self._heard = time.monotonic()
            return True
        return False

    def _start(self) -> None:
        """What it knows is on disk."""
        own = {
            "PREFECT_API_URL": self.url,
            "PREFECT_HOME": str(self._home),  # or two servers could share one database
            "PREFECT_UI_ENABLED": str(self._pages).lower(),
            "PREFECT_SERVER_API_AUTH_STRING": self.auth,
            "PREFECT_API_AUTH_STRING": self.auth,  # for what it asks of itself
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{self._port}",
        }
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                _command(self._port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **own},
            )
        self._heard = 0.0
        self._patience = InactivityTimeout([self._process.pid], self._limit)


Server = TheirServer | OwnServer


@contextmanager
def prefect_server(home: Path, patience: float, port: int = 0) -> Iterator[Server]:
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
    server = OwnServer(home, port, patience)
    told = {"PREFECT_API_URL": server.url, "PREFECT_API_AUTH_STRING": server.auth}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield server
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        server.stop()


def _auth_string(file: Path) -> str:
    """The one that the file keeps, so that it is the same after a restart; made if need be."""
    try:
        kept = file.read_text(encoding="ascii").strip()
        file.chmod(0o600)
    except FileNotFoundError:
        kept = ""
    if not kept:
        kept = f"intent:{secrets.token_urlsafe(32)}"
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as output:
            output.write(f"{kept}\n")
    return kept


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
            raise port_in_use(HOST, port, error) from None
        return int(probe.getsockname()[1])


def _answers(url: str, within: float = 1) -> bool:
    try:
        fetch(f"{url}/health", timeout=within)
    except HTTPError:  # it answers; whether we may use it, Prefect finds out
        return True
    except (OSError, ValueError):
        return False
    return True
