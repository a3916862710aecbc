"""Starts a Kafka broker, waits until it is ready, and stops it."""

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
from intent.local.kafka.jars import ensure_jars
from intent.local.kafka.java import java
from intent.local.kafka.properties import HOST, LOGGING, Ports, server_properties
from intent.local.kafka.security import BrokerSecurity
from intent.local.kafka.storage import DATA, ensure_formatted
from intent.local.managed_process import ManagedProcess, Program
from intent.local.network import free_ports

START_TIMEOUT: Final = 60.0
"""Seconds without processor time before the start fails. On an idle machine it takes 2 to 3 s."""

STOP_TIMEOUT: Final = 5
"""Seconds until it is killed. It usually stops within one, and recovers its log after a kill."""

JVM_OPTIONS: Final = ("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC", "-XX:MetaspaceSize=96m")
"""The heap size of Kafka's own scripts; only used pages take memory. With a small heap and the
serial collector, pauses of 20 ms every 1.3 s dominated the p99 latency of the pipeline.
"""

NO_LOGIN: Final[Mapping[str, object]] = {
    "kafka_security_protocol": "PLAINTEXT",
    "kafka_username": "",
    "kafka_password": SecretStr(""),
    "kafka_oauth_token_url": "",
    "kafka_oauth_token_file": "",
    "kafka_properties": {},
}
"""The local broker has no authentication, even if the user has set a login for another one."""


class LocalBroker:
    """A single-node Kafka on loopback. It takes 400 to 700 MB of memory; the heap limit is 1 GiB.

    Args:
        folder: Folder for records and configuration.
        cache: Folder of the downloaded jars.
        log: Log file.
        port: Port for clients; None chooses a free one.
        security: Authentication and TLS; None lets in every local user.
        **properties: Broker properties, with underscores for dots.

    Attributes:
        bootstrap: host:port; set by `launch`.
        process: Set by `launch`.
    """

    bootstrap: str
    process: ManagedProcess

    def __init__(
        self,
        folder: Path,
        cache: Path,
        log: Path,
        port: int | None = None,
        security: BrokerSecurity | None = None,
        **properties: object,
    ) -> None:
        self._folder = folder
        self._cache = cache
        self._log = log
        self._port = port
        self._security = security
        self._properties = properties

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
        """Starts the process. Does not wait until it is ready.

        Raises `PortTaken`, `StorageFailed`, or `BrokerUnreachable` if Kafka cannot be downloaded.
        """
        if self._port:
            check_port(HOST, self._port)
        jars = ensure_jars(self._cache)
        folder = writable_folder(self._folder)
        if self._security:
            self._security.copy_files_to(folder)
        ensure_formatted(folder, jars, self._security)
        free, controller, broker = free_ports(HOST, 3)
        ports = Ports(self._port or free, controller, broker)
        properties_file = folder / "server.properties"
        properties_file.write_text(
            server_properties(DATA, ports, self._security, **self._properties), "ascii"
        )
        logging = folder / "log4j2.properties"
        logging.write_text(LOGGING, encoding="ascii")
        options = (*JVM_OPTIONS, f"-Dlog4j2.configurationFile={logging.name}")
        self.bootstrap = f"{HOST}:{ports.clients}"
        command = [*java("kafka.Kafka", jars, *options), properties_file.name]
        self.process = ManagedProcess(Program("broker", command, folder=folder), self._log)

    def wait(self, timeout: float = START_TIMEOUT) -> None:
        """Returns when the broker is ready.

        Raises `PortTaken` or `WorkerFailed` if it exits first, `BrokerUnreachable` if it uses no
        processor time for `timeout` seconds.
        """
        login = self._security.login() if self._security else NO_LOGIN
        settings = load(Settings, kafka_bootstrap=self.bootstrap, kafka_timeout=0.5, **login)
        inactivity = InactivityTimeout([self.process.pid], timeout)
        while True:
            self._check()
            try:
                return check_broker(settings)
            except BrokerUnreachable:
                if inactivity.has_expired():
                    raise BrokerUnreachable(
                        f"Kafka was started, but does not answer and used no processor time "
                        f"for {timeout:g} s: read {self._log}, or raise INTENT_STARTUP_TIMEOUT"
                    ) from None

    def stop(self) -> None:
        """Sends SIGTERM, and SIGKILL after `STOP_TIMEOUT` seconds."""
        self.process.stop(STOP_TIMEOUT)

    def _check(self) -> None:
        if self.process.exit_code is not None and "in use" in self.process.last_log_lines():
            raise PortTaken(
                f"another process took the port of {self.bootstrap} while Kafka started: try again"
            )
        self.process.check()
