"""Starts broker and stages in the order of their dependencies; stops them in reverse order."""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final, Self

from contract.errors import WorkerFailed
from contract.kafka import check_broker, ensure_topics
from contract.process import check_port
from contract.settings import environment
from contract.timeouts import InactivityTimeout
from contract.topics import topics
from intent.local.kafka.broker import LocalBroker
from intent.local.managed_process import ManagedProcess, Program
from intent.local.network import http_get
from intent.local.programs import (
    Server,
    monitoring_server,
    retraining_server,
    scorer_server,
    simulator_program,
    training_program,
)
from intent.local.settings import LocalSettings

PROGRESS_INTERVAL: Final = 20.0
"""Seconds between two messages while waiting."""

STOP_TIMEOUT: Final = 9.5
"""Seconds until the whole stack has stopped; what still runs then is killed."""

STOP_RESERVE: Final = 1.5
"""Seconds of the timeout that are reserved for each process that was started earlier."""


class Interrupted(Exception):
    """The user stopped the stack while it was starting."""


class Stack:
    """Broker, scorer, monitoring, retraining and simulator, each a process. A context manager.

    Args:
        settings: Settings of the stack.
        stop: Set when the user wants to stop.
        report: Called with one line of progress.

    Attributes:
        settings: Settings of the stack; `kafka_bootstrap` is the started broker's address.
    """

    def __init__(self, settings: LocalSettings, stop: Event, report: Callable[[str], None]) -> None:
        self.settings = settings
        self._stop = stop
        self._report = report
        self._phases: list[list[ManagedProcess]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts everything but the simulator; returns when it is ready.

        Raises `PortTaken`, `BrokerUnreachable`, `TopicUnavailable`, `StorageFailed`,
        `WorkerFailed`, or `Interrupted`.
        """
        self._check_ports()
        broker = self._launch_broker() if self.settings.starts_broker else None
        (first_training,) = self._launch(training_program(self.settings))  # needs no broker
        if broker:
            broker.wait(self.settings.startup_timeout)
        check_broker(self.settings)
        self._report(f"Kafka answers at {self.settings.kafka_bootstrap}")
        ensure_topics(self.settings, topics(self.settings))
        self._wait("the training", [first_training], lambda: first_training.exit_code == 0)
        self._report(f"the registry has a champion of {self.settings.model_name}")
        servers = [scorer_server(self.settings), monitoring_server(self.settings)]
        if self._retrains:
            servers.append(retraining_server(self.settings))
        started = self._launch(*(server.program for server in servers))
        for server in servers:
            name = server.program.name
            self._wait(f"the {name}", started, partial(self._is_ready, server))
            self._report(f"the {name} is ready")

    def simulate(self, **overrides: object) -> ManagedProcess:
        """Starts the simulator, which exits by itself if the number of records is bounded.

        `overrides` are settings of the simulator alone.
        """
        (process,) = self._launch(simulator_program(self.settings, overrides))
        return process

    def variables(self) -> dict[str, str]:
        """Environment variables for a command that connects to this stack."""
        return {**os.environ, **environment(self.settings)}

    def check(self) -> None:
        """Raises `WorkerFailed` if a process failed, or exited although it must not."""
        for process in self._processes():
            process.check()

    def stop(self) -> None:
        """Stops all processes, the ones started last first."""
        deadline = time.monotonic() + STOP_TIMEOUT
        while self._phases:
            phase = self._phases[-1]
            for process in phase:
                process.terminate()
            for process in phase:
                reserve = STOP_RESERVE * (len(self._phases) - 1)
                process.stop(max(0.0, deadline - time.monotonic() - reserve))
            self._phases.pop()

    def _check_ports(self) -> None:
        settings = self.settings
        ports = [settings.scorer_port, settings.monitoring_port, settings.simulator_port]
        for port in (*ports, settings.training_port) if self._retrains else ports:
            check_port(settings.listen_host, port)

    @property
    def _retrains(self) -> bool:
        return self.settings.retrain_enabled and not self.settings.records

    def _launch_broker(self) -> LocalBroker:
        self._report("starting Kafka, and training a model if the registry has none")
        settings = self.settings
        broker = LocalBroker(
            settings.data_dir / "broker",
            settings.cache_dir,
            self._log("broker"),
            settings.broker_port,
        )
        broker.launch()
        self._phases.append([broker.process])
        self.settings = settings.model_copy(update={"kafka_bootstrap": broker.bootstrap})
        return broker

    def _launch(self, *programs: Program) -> list[ManagedProcess]:
        phase: list[ManagedProcess] = []
        self._phases.append(phase)
        for program in programs:
            phase.append(ManagedProcess(program, self._log(program.name)))  # noqa: PERF401 those that started are stopped even if the next fails
        return phase

    def _is_ready(self, server: Server) -> bool:
        settings = self.settings
        return http_get(settings.dial_host, server.port, server.readiness_path) is not None

    def _wait(self, what: str, by: list[ManagedProcess], condition: Callable[[], bool]) -> None:
        """Waits until the condition holds, while the processes `by` use the processor."""
        limit = self.settings.startup_timeout
        inactivity = InactivityTimeout([process.pid for process in by], limit)
        started = reported = time.monotonic()
        while not condition():
            self.check()
            if self._stop.wait(0.1):
                raise Interrupted
            if inactivity.has_expired():
                raise WorkerFailed(
                    f"{what} is not ready and used no processor time for {limit:g} s: "
                    f"read the logs in {self.settings.data_dir / 'logs'}, "
                    "or raise INTENT_STARTUP_TIMEOUT"
                )
            if time.monotonic() - reported > PROGRESS_INTERVAL:
                reported = time.monotonic()
                self._report(f"waiting for {what} for {reported - started:.0f} s")

    def _log(self, name: str) -> Path:
        return self.settings.data_dir / "logs" / f"{name}.log"

    def _processes(self) -> list[ManagedProcess]:
        return [process for phase in self._phases for process in phase]
