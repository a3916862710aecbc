"""Starts the stages in the order in which they need each other, and stops them in the opposite."""

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
from intent.local.child import Child, Program
from intent.local.http import get
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from intent.local.stages import Server, monitoring, scorer, simulator, trainer, training

SAY_EVERY: Final = 20.0
"""Seconds between two lines on what is waited for."""

STOP_PATIENCE: Final = 9.5
"""Seconds in which the whole stack stops, by force in the end."""

STOP_RESERVE: Final = 1.5
"""Seconds of that which each process started earlier may count on."""


class Interrupted(Exception):
    """The user wants to stop while the stack is still starting."""


class Stack:
    """Broker, scorer, monitoring, trainer and simulator, each a process. A context manager.

    Attributes:
        settings: as given, and with the broker's address once that is launched.
    """

    def __init__(self, settings: LocalSettings, stop: Event, say: Callable[[str], None]) -> None:
        self.settings = settings
        self._asked_to_stop = stop
        self._say = say
        self._phases: list[list[Child]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when everything but the simulator is ready.

        Raises `PortTaken`, `BrokerUnreachable`, `TopicUnavailable`, `StorageFailed`,
        `WorkerFailed`, or `Interrupted`.
        """
        self._check_ports()
        broker = self._launch_broker() if self.settings.starts_broker else None
        (trained,) = self._launch(training(self.settings))  # needs no broker
        if broker:
            broker.wait(self.settings.startup_timeout)
        check_broker(self.settings)
        self._say(f"Kafka answers at {self.settings.kafka_bootstrap}")
        ensure_topics(self.settings, topics(self.settings))
        self._wait("the training to end", [trained], lambda: trained.exit_code == 0)
        self._say(f"the registry has a champion of {self.settings.model_name}")
        servers = [scorer(self.settings), monitoring(self.settings)]
        if self._retrains:
            servers.append(trainer(self.settings))
        started = self._launch(*(server.program for server in servers))
        for server in servers:
            name = server.program.name
            self._wait(f"the {name} to be ready", started, partial(self._answers, server))
            self._say(f"the {name} is ready")

    def simulate(self, **told: object) -> Child:
        """Starts the simulator, which ends by itself if the number of records is bounded.

        `told` are settings of it alone; one that is told something may be stopped before the stack.
        """
        (process,) = self._launch(simulator(self.settings, told))
        return process

    def variables(self) -> dict[str, str]:
        """The environment of a command that is to meet this stack."""
        return {**os.environ, **environment(self.settings)}

    def check(self) -> None:
        """Raises `WorkerFailed` if a process has ended that should not have, or has failed."""
        for child in self._children():
            child.check()

    def stop(self) -> None:
        """Stops whatever runs: what was started last goes first."""
        deadline = time.monotonic() + STOP_PATIENCE
        while self._phases:
            phase = self._phases[-1]
            for child in phase:
                child.ask_to_stop()
            for child in phase:
                reserve = STOP_RESERVE * (len(self._phases) - 1)
                child.stop(max(0.0, deadline - time.monotonic() - reserve))
            self._phases.pop()

    def _check_ports(self) -> None:
        own = self.settings
        ports = [own.scorer_port, own.monitoring_port, own.simulator_port]
        for port in (*ports, own.training_port) if self._retrains else ports:
            check_port(own.listen_host, port)

    @property
    def _retrains(self) -> bool:
        return self.settings.retrain_enabled and not self.settings.records

    def _launch_broker(self) -> LocalBroker:
        self._say("starting Kafka and training the model if there is none")
        own = self.settings
        broker = LocalBroker(
            own.data_dir / "broker", own.cache_dir, self._log("broker"), own.broker_port
        )
        broker.launch()
        self._phases.append([broker.process])
        self.settings = own.model_copy(update={"kafka_bootstrap": broker.bootstrap})
        return broker

    def _launch(self, *programs: Program) -> list[Child]:
        phase: list[Child] = []
        self._phases.append(phase)
        for program in programs:
            phase.append(Child(program, self._log(program.name)))  # noqa: PERF401 those that started are stopped even if the next fails
        return phase

    def _answers(self, server: Server) -> bool:
        return get(self.settings.dial_host, server.port, server.page) is not None

    def _wait(self, what: str, by: list[Child], condition: Callable[[], bool]) -> None:
        """Waits for as long as the processes that it is done `by` work, and says for what."""
        limit = self.settings.startup_timeout
        patience = InactivityTimeout([child.pid for child in by], limit)
        started = said = time.monotonic()
        while not condition():
            self.check()
            if self._asked_to_stop.wait(0.1):
                raise Interrupted
            if patience.has_expired():
                raise WorkerFailed(
                    f"waited for {what}, and nothing was done for {limit:g} s: read the logs in "
                    f"{self.settings.data_dir / 'logs'}, or raise INTENT_STARTUP_TIMEOUT"
                )
            if time.monotonic() - said > SAY_EVERY:
                said = time.monotonic()
                self._say(f"waiting for {what}, {said - started:.0f} s until now")

    def _log(self, name: str) -> Path:
        return self.settings.data_dir / "logs" / f"{name}.log"

    def _children(self) -> list[Child]:
        return [child for phase in self._phases for child in phase]
