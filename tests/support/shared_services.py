"""Services that all pytest workers of a run share: a broker and a registry with a champion.

The main process starts and ends them. Workers get their addresses in environment variables.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from testcontainers.community.kafka import RedpandaContainer

from contract.kafka import check_broker
from contract.settings import Settings, load
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from tests.support import champion
from tests.support.java_cache import ensure_java_cache, use_java_cache

KAFKA: Final = "INTENT_TEST_KAFKA"
CHAMPION: Final = "INTENT_TEST_CHAMPION"

START_TIMEOUT: Final = 180
"""Seconds."""


class SharedServices:
    """Starts services at their first use; `close` ends them."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        # removed: processes that tests start would warn of unknown settings
        self._kafka = os.environ.pop(KAFKA, None)
        self._champion = os.environ.pop(CHAMPION, None)

    def launch(self) -> None:
        """Starts both services for the workers, without waiting for them."""
        os.environ[CHAMPION] = str(self.champion())
        cache = load(LocalSettings).cache_dir
        ensure_java_cache(cache)
        use_java_cache(cache)
        os.environ[KAFKA] = self.kafka()

    def kafka(self) -> str:
        """Bootstrap address of a broker that may not answer yet, see `await_broker`.

        INTENT_TEST_KAFKA=host:port uses a running broker. INTENT_TEST_BROKER=redpanda or kafka
        selects its kind. By default it is Redpanda in a container if a Docker engine answers,
        otherwise Apache Kafka.
        """
        if self._kafka is None:
            chosen = os.environ.get("INTENT_TEST_BROKER")
            if chosen == "redpanda" or (not chosen and _docker_answers()):
                container = self._stack.enter_context(RedpandaContainer())
                self._kafka = str(container.get_bootstrap_server())
            else:
                folder, cache = self.folder("kafka"), load(LocalSettings).cache_dir
                broker = LocalBroker(folder / "broker", cache, folder / "broker.log")
                broker.launch()
                self._stack.callback(broker.stop)
                self._kafka = broker.bootstrap
        return self._kafka

    def champion(self) -> Path:
        """Data directory of a registry whose champion may not exist yet, see `await_champion`."""
        if self._champion is None:
            home = self.folder("champion")
            with (home / "log").open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", champion.__name__, str(home)],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            self._stack.callback(process.wait)
            self._stack.callback(process.kill)
            self._champion = str(home)
        return Path(self._champion)

    def close(self) -> None:
        """Ends all services."""
        self._stack.close()

    def folder(self, name: str) -> Path:
        """Creates a temporary folder."""
        folder = Path(tempfile.mkdtemp(prefix=f"intent-tests-{name}-"))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder


def await_broker(bootstrap: str) -> str:
    """Waits until the broker answers; returns its address."""
    settings = load(Settings, kafka_bootstrap=bootstrap, kafka_timeout=2)

    def answers() -> bool:
        check_broker(settings)
        return True

    _wait(answers, f"the broker {bootstrap}")
    return bootstrap


def await_champion(home: Path) -> Path:
    """Waits until the registry has a compiled champion; returns the data directory."""
    _wait((home / champion.DONE).exists, f"the champion: see {home / 'log'}")
    return home


def await_prefect_tables(home: Path) -> Path:
    """Waits for the database of an empty Prefect server; returns its path."""
    _wait((home / champion.MIGRATED).exists, f"Prefect's tables: see {home / 'log'}")
    return home / champion.PREFECT


def _wait(is_available: Callable[[], bool], name: str) -> None:
    ends_at = time.monotonic() + START_TIMEOUT
    while True:
        try:
            if is_available():
                return
            fault: Exception | None = None
        except Exception as raised:  # noqa: BLE001  raised if it does not pass
            fault = raised
        if time.monotonic() > ends_at:
            raise TimeoutError(f"{name} not available after {START_TIMEOUT} s") from fault
        time.sleep(0.1)


def _docker_answers() -> bool:
    docker = shutil.which("docker")
    if not docker:
        return False
    try:
        asked = subprocess.run([docker, "version"], capture_output=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0  # it fails if only the client is installed
