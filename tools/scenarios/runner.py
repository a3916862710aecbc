"""Runs scenarios on a stack: simulates, executes commands, and waits for what must happen."""

import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event
from typing import Final, TypeVar

from contract.errors import RunIncomplete
from contract.events import LifecycleEvent
from intent.local.managed_process import ManagedProcess
from intent.local.stack import Interrupted, Stack
from intent.local.status import WindowStatus
from tools.scenarios.observer import Observer
from tools.scenarios.timeline import Moment

POLL_TIMEOUT: Final = 0.5

MOMENT_TIMEOUT: Final = 240.0
"""Seconds to wait for one moment: a training takes half a minute on a small machine."""

SIMULATOR_STOP_TIMEOUT: Final = 10.0

T = TypeVar("T")


class ScenarioRunner:
    """A run of the scenarios, and its moments so far."""

    def __init__(
        self, stack: Stack, observer: Observer, stop: Event, on_moment: Callable[[Moment], None]
    ) -> None:
        self._stack = stack
        self._observer = observer
        self._stop = stop
        self._on_moment = on_moment
        self._scenario = ""
        self.moments: list[Moment] = []
        self._simulator: ManagedProcess | None = None

    @property
    def windows(self) -> list[WindowStatus]:
        """The windows that have closed so far."""
        return self._observer.closed_windows

    def has_scored(self, version: str) -> bool:
        """Whether a version has scored any record that was read so far."""
        return self._observer.first_prediction(version, 0) is not None

    def start_scenario(self, name: str) -> None:
        """The moments that follow belong to this scenario."""
        self._scenario = name

    def simulate(self, **settings: object) -> None:
        """Starts a simulator with these settings; stops the one that runs."""
        if self._simulator is not None:
            self._simulator.stop(SIMULATOR_STOP_TIMEOUT)
        self._simulator = self._stack.simulate(**settings)

    def add_moment(self, name: str, time_ms: int, message: str = "") -> int:
        """Adds a moment; returns its time in ms since the epoch."""
        moment = Moment(self._scenario, name, time_ms, message)
        self.moments.append(moment)
        self._on_moment(moment)
        return time_ms

    def run_intent(self, *arguments: str) -> None:
        """Runs `intent` with these arguments. Raises `RunIncomplete` if it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "intent.cli", *arguments],
            env=self._stack.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RunIncomplete(f"`intent {' '.join(arguments)}` failed: {done.stderr.strip()}")

    def wait_for(self, name: str, find: Callable[[Observer], T | None]) -> T:
        """Polls until `find` returns something, and returns that.

        Raises:
            RunIncomplete: it did not happen in time.
            Interrupted: the user stopped the run.
            WorkerFailed: a process of the stack ended.
        """
        deadline = time.monotonic() + MOMENT_TIMEOUT
        while True:
            self._stack.check()
            self._observer.poll(POLL_TIMEOUT)
            result = find(self._observer)
            if result is not None:
                return result
            if self._stop.is_set():
                raise Interrupted
            if time.monotonic() > deadline:
                raise RunIncomplete(
                    f"{self._scenario}: {name}: did not happen in {MOMENT_TIMEOUT:g} s; read the "
                    f"logs in {self._stack.settings.data_dir / 'logs'}"
                )

    def wait_for_alert(self, name: str, status: str, since: int) -> int:
        """Waits for an alert that was published since a time; returns when it was."""

        def find(observer: Observer) -> tuple[int, str, str] | None:
            return next(
                (
                    (written_at, alert.kind, alert.message)
                    for written_at, alert in observer.alerts
                    if written_at >= since and alert.status == status
                ),
                None,
            )

        written_at, kind, message = self.wait_for(name, find)
        return self.add_moment(name, written_at, f"{kind.replace('_', ' ')}: {message}")

    def wait_until_resolved(self, name: str) -> int:
        """Waits until every alert that fired is resolved."""

        def find(observer: Observer) -> int | None:
            resolved = {a.incident for _, a in observer.alerts if a.status == "resolved"}
            fired = {a.incident for _, a in observer.alerts if a.status == "firing"}
            if not fired or not fired <= resolved:
                return None
            return max(written_at for written_at, _ in observer.alerts)

        return self.add_moment(name, self.wait_for(name, find))

    def wait_for_step(
        self, name: str, kinds: tuple[str, ...], since: int, version: str | None = None
    ) -> LifecycleEvent:
        """Waits for a lifecycle event that occurred since a time."""

        def find(observer: Observer) -> LifecycleEvent | None:
            return next(
                (
                    step
                    for step in observer.steps
                    if step.kind in kinds
                    and step.occurred_at >= since
                    and version in (None, step.model_version)
                ),
                None,
            )

        step = self.wait_for(name, find)
        self.add_moment(name, step.occurred_at, step.message)
        return step

    def wait_for_reload(self, version: str, since: int) -> int:
        """Waits for the first prediction of a version since a time."""
        name = f"workers score with version {version}"
        scored_at = self.wait_for(name, lambda observer: observer.first_prediction(version, since))
        return self.add_moment(name, scored_at)
