"""A running stack, its witness and the moments so far: what the scenes are played with."""

import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event
from typing import Final, TypeVar

from contract.errors import RunIncomplete
from contract.events import LifecycleEvent
from intent.local.child import Child
from intent.local.stack import Interrupted, Stack
from intent.local.windows import Window
from tools.scenarios.timeline import Moment
from tools.scenarios.witness import Witness

LOOK_FOR: Final = 0.5
"""Seconds of one look."""

PATIENCE: Final = 240.0
"""Seconds that one moment is waited for: a training takes half a minute on a small machine."""

STOPS_WITHIN: Final = 10.0

T = TypeVar("T")


class Play:
    """One performance."""

    def __init__(
        self, stack: Stack, witness: Witness, stop: Event, say: Callable[[Moment], None]
    ) -> None:
        self._stack = stack
        self._witness = witness
        self._stop = stop
        self._say = say
        self._scene = ""
        self.moments: list[Moment] = []
        self._simulator: Child | None = None

    @property
    def windows(self) -> list[Window]:
        """All that have closed so far."""
        return self._witness.closed

    def has_scored(self, version: str) -> bool:
        """Whether a version has scored any record that was read so far."""
        return self._witness.first_prediction(version, 0) is not None

    def scene(self, name: str) -> None:
        """The moments that follow belong to a scene."""
        self._scene = name

    def simulate(self, **told: object) -> None:
        """Starts a simulator that is told this; one that runs is stopped before."""
        if self._simulator is not None:
            self._simulator.stop(STOPS_WITHIN)
        self._simulator = self._stack.simulate(**told)

    def note(self, name: str, at: int, words: str = "") -> int:
        """A moment; returns its time in ms."""
        moment = Moment(self._scene, name, at, words)
        self.moments.append(moment)
        self._say(moment)
        return at

    def command(self, *arguments: str) -> None:
        """What a person would type: `python -m ...`. Raises `RunIncomplete` if it fails."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env=self._stack.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RunIncomplete(f"`{' '.join(arguments)}` failed: {done.stderr.strip()}")

    def wait(self, name: str, find: Callable[[Witness], T | None]) -> T:
        """Looks until something is found. Raises `RunIncomplete`, `Interrupted`, `WorkerFailed`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self._stack.check()
            self._witness.look(LOOK_FOR)
            found = find(self._witness)
            if found is not None:
                return found
            if self._stop.is_set():
                raise Interrupted
            if time.monotonic() > deadline:
                raise RunIncomplete(
                    f"{self._scene}: {name}: not seen in {PATIENCE:g} s; look into the logs in "
                    f"{self._stack.settings.data_dir / 'logs'}"
                )

    def alert(self, name: str, status: str, since: int) -> int:
        """Waits for an alert of drift or performance that was told of after a time."""

        def find(seen: Witness) -> tuple[int, str, str] | None:
            return next(
                (
                    (at, alert.kind, alert.message)
                    for at, alert in seen.alerts
                    if at >= since and alert.status == status
                ),
                None,
            )

        at, kind, words = self.wait(name, find)
        return self.note(name, at, f"{kind.replace('_', ' ')}: {words}")

    def all_clear(self, name: str) -> int:
        """Waits until every alert that fired is resolved."""

        def find(seen: Witness) -> int | None:
            ended = {alert.incident for _, alert in seen.alerts if alert.status == "resolved"}
            fired = {alert.incident for _, alert in seen.alerts if alert.status == "firing"}
            return max(at for at, _ in seen.alerts) if fired and fired <= ended else None

        return self.note(name, self.wait(name, find))

    def step(
        self, name: str, kinds: tuple[str, ...], since: int, version: str | None = None
    ) -> LifecycleEvent:
        """Waits for a step of a model's life after a time."""

        def find(seen: Witness) -> LifecycleEvent | None:
            return next(
                (
                    each
                    for each in seen.steps
                    if each.kind in kinds
                    and each.occurred_at >= since
                    and version in (None, each.model_version)
                ),
                None,
            )

        found = self.wait(name, find)
        self.note(name, found.occurred_at, found.message)
        return found

    def swap(self, version: str, since: int) -> int:
        """Waits for the first prediction of a version after a time."""
        name = f"workers score with version {version}"
        at = self.wait(name, lambda seen: seen.first_prediction(version, since))
        return self.note(name, at)
