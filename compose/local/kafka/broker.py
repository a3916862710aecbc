"""Starts a Kafka broker, waits until it answers, and stops it."""

import time
from pathlib import Path
from typing import Final, Self

from compose.local.child import Child, Program
from compose.local.kafka.jars import ensure_jars
from compose.local.kafka.java import java
from compose.local.kafka.properties import HOST, LOGGING, server
from compose.local.kafka.storage import DATA, ensure_formatted
from compose.local.ports import free_ports
from contract.errors import BrokerUnreachable, PortTaken
from contract.kafka import check_broker
from contract.process import check_port, writable_folder
from contract.settings import Settings, load

START_PATIENCE: Final = 60
"""Seconds until the broker must answer; it takes 2 to 3 where nothing else runs."""

STOP_PATIENCE: Final = 5
"""Seconds until it is killed; it takes under one, and recovers its log if it was killed."""


class LocalBroker:
    """A single-node Kafka on loopback that keeps its records below `folder`.

    Holds 300 to 400 MB of memory; its heap can grow to 1 GiB.

    Attributes:
        bootstrap: host:port, once launched.
        process: once launched.
    """

    bootstrap: str
    process: Child

    def __init__(self, folder: Path, cache: Path, log: Path, port: int | None = None) -> None:
        self._folder = folder
        self._cache = cache
        self._log = log
        self._port = port

    def __enter__(self) -> Self:
        self.launch()
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def launch(self) -> None:
        """Starts the process, on the given port or a free one. Does not wait until it answers.

        Raises `PortTaken`, `StorageFailed`, or `BrokerUnreachable` if Kafka cannot be downloaded.
        """
        if self._port:
            check_port(HOST, self._port)
        jars = ensure_jars(self._cache)
        folder = writable_folder(self._folder)
        ensure_formatted(folder, jars)
        free, controller_port = free_ports(HOST, 2)
        port = self._port or free
        properties = folder / "server.properties"
        properties.write_text(server(DATA, port, controller_port), encoding="ascii")
        logging = folder / "log4j2.properties"
        logging.write_text(LOGGING, encoding="ascii")
        options = ("-Xms256m", "-Xmx1g", f"-Dlog4j2.configurationFile={logging.name}")
        self.bootstrap = f"{HOST}:{port}"
        command = [*java("kafka.Kafka", jars, *options), properties.name]
        self.process = Child(Program("broker", command, folder=folder), self._log)

    def wait(self) -> None:
        """Returns when the broker answers.

        Raises `PortTaken` or `WorkerFailed` if it ends first, `BrokerUnreachable` after a minute.
        """
        settings = load(Settings, kafka_bootstrap=self.bootstrap, kafka_timeout=0.5)
        deadline = time.monotonic() + START_PATIENCE
        while True:
            self._check()
            try:
                return check_broker(settings)
            except BrokerUnreachable:
                if time.monotonic() > deadline:
                    raise BrokerUnreachable(
                        f"Kafka did not answer within {START_PATIENCE} s of its start: "
                        f"look into {self._log}"
                    ) from None

    def stop(self) -> None:
        """Asks the broker to stop, and kills it if it does not."""
        self.process.stop(STOP_PATIENCE)

    def _check(self) -> None:
        if self.process.exit_code is not None and "in use" in self.process.last_words():
            raise PortTaken(
                f"another process took the port of {self.bootstrap} while Kafka started: try again"
            )
        self.process.check()
