"""Starts a Kafka broker, waits until it answers, and stops it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from pydantic import SecretStr

from contract.errors import BrokerUnreachable, PortTaken
from contract.folders import writable_folder
from contract.kafka import check_broker
from contract.process import check_port
from contract.settings import Settings, load
from contract.timeouts import InactivityTimeout
from intent.local.child import Child, Program
from intent.local.kafka.jars import ensure_jars
from intent.local.kafka.java import java
from intent.local.kafka.properties import HOST, LOGGING, Ports, server
from intent.local.kafka.secured import Secured
from intent.local.kafka.storage import DATA, ensure_formatted
from intent.local.ports import free_ports

START_PATIENCE: Final = 60.0
"""Seconds that the broker may do nothing before it answers, which it does after 2 to 3 seconds
where nothing else runs."""

STOP_PATIENCE: Final = 5
"""Seconds until it is killed; it takes under one, and recovers its log if it was killed."""

MEMORY: Final = ("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC", "-XX:MetaspaceSize=96m")
"""A heap like that of Kafka's own scripts, of which it touches what it needs. With a small one and
a single collecting thread, a pause of 20 ms every 1.3 s was the p99 of all that went through it.
"""

OPEN: Final[Mapping[str, object]] = {
    "kafka_security_protocol": "PLAINTEXT",
    "kafka_username": "",
    "kafka_password": SecretStr(""),
}
"""Our own broker wants none of the login that the user may have for another."""


class LocalBroker:
    """A single-node Kafka on loopback that keeps its records below `folder`.

    Open to whoever is on this machine, unless it is secured. Further arguments are properties of
    the broker, dots as underscores.
    Holds 400 to 700 MB of memory; its heap can grow to 1 GiB.

    Attributes:
        bootstrap: host:port, once launched.
        process: once launched.
    """

    bootstrap: str
    process: Child

    def __init__(
        self,
        folder: Path,
        cache: Path,
        log: Path,
        port: int | None = None,
        secured: Secured | None = None,
        **also: object,
    ) -> None:
        self._folder = folder
        self._cache = cache
        self._log = log
        self._port = port
        self._secured = secured
        self._also = also

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
        if self._secured:
            self._secured.lay_into(folder)
        ensure_formatted(folder, jars, self._secured)
        free, controller, broker = free_ports(HOST, 3)
        ports = Ports(self._port or free, controller, broker)
        properties = folder / "server.properties"
        properties.write_text(server(DATA, ports, self._secured, **self._also), "ascii")
        logging = folder / "log4j2.properties"
        logging.write_text(LOGGING, encoding="ascii")
        options = (*MEMORY, f"-Dlog4j2.configurationFile={logging.name}")
        self.bootstrap = f"{HOST}:{ports.clients}"
        command = [*java("kafka.Kafka", jars, *options), properties.name]
        self.process = Child(Program("broker", command, folder=folder), self._log)

    def wait(self, limit: float = START_PATIENCE) -> None:
        """Returns when the broker answers.

        Raises `PortTaken` or `WorkerFailed` if it ends first, `BrokerUnreachable` if it does
        nothing for `limit` seconds.
        """
        login = self._secured.login() if self._secured else OPEN
        settings = load(Settings, kafka_bootstrap=self.bootstrap, kafka_timeout=0.5, **login)
        patience = InactivityTimeout([self.process.pid], limit)
        while True:
            self._check()
            try:
                return check_broker(settings)
            except BrokerUnreachable:
                if patience.has_expired():
                    raise BrokerUnreachable(
                        f"Kafka was started, does not answer, and has done nothing for "
                        f"{limit:g} s: read {self._log}, or raise INTENT_STARTUP_TIMEOUT"
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
