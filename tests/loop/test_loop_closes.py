"""The loop, on real Kafka, MLflow and Prefect: the target moves, and the model follows."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from compose.local.ports import free_ports
from tests.builders import eventually
from tests.loop.timeline import Moment, timeline, told
from training.champion import champion
from training.settings import TrainingSettings
from training.steps import train_and_promote

HOST = "127.0.0.1"
PORTS = ("SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT", "PREFECT_PORT", "TRAINING_PORT")
PATIENCE = 240
"""Seconds for each step: a busy machine may take most of them."""

SCENE = {
    "RATE": "400",
    "OUTCOME_DELAY": "1",
    "WINDOW_SECONDS": "3",
    "ALLOWED_LATENESS": "1",
    "DRIFT_AFTER": "20",
    "DRIFT_AGE": "0",
    "DRIFT_SALARY": "1",
    "DRIFT_RELUCTANCE": "3",
    "REFERENCE_POLL": "1",
    "MODEL_POLL": "1",
    "RETRAIN_ON": "performance",
    "RETRAIN_SETTLE": "10",
    "RETRAIN_COOLDOWN": "5",
    "PROBATION_RECORDS": "4000",
}
"""A day's events in about a minute: windows of seconds, outcomes after one."""


class Scene:
    """Every stage in a process of its own, on topics and a registry that no other test has."""

    def __init__(self, kafka: str, home: Path, **changes: str) -> None:
        own = uuid4().hex[:12]
        ports = zip(PORTS, map(str, free_ports(HOST, len(PORTS))), strict=True)
        told = {
            **SCENE,
            **dict(ports),
            **changes,
            "KAFKA_BOOTSTRAP": kafka,
            "HOME": str(home),
            "WORKER_ID": own,
            **{
                f"TOPIC_{name.upper().replace('-', '_')}": f"{name}-{own}"
                for name in (
                    "customers", "predictions", "outcomes", "dead-letters", "alerts", "retrains",
                    "lifecycle",
                )
            },
        }  # fmt: skip
        self.told = {f"INTENT_{name}": value for name, value in told.items()}
        fields = TrainingSettings.model_fields
        given = {name.lower(): value for name, value in told.items() if name.lower() in fields}
        self.settings = TrainingSettings.model_validate(given)
        self._stack = ExitStack()
        self._logs = home.parent

    def start(self, *stages: str) -> None:
        """Starts each with its log beside the home; they end with the scene."""
        for stage in stages:
            self._stack.enter_context(self._started(stage))

    def close(self) -> None:
        self._stack.close()

    @contextmanager
    def _started(self, stage: str) -> Iterator[None]:
        name, *arguments = stage.split()
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", name, *arguments],
                env={**os.environ, **self.told},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def page(self, port: str, path: str) -> bytes:
        """What a page says; nothing while nobody answers."""
        try:
            url = f"http://{HOST}:{self.told[f'INTENT_{port}']}{path}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                body: bytes = answer.read()
                return body
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return b""

    def accuracy(self) -> list[tuple[int, float]]:
        """Start (ms) and accuracy of each window with enough outcomes, the first one first."""
        windows = json.loads(self.page("MONITORING_PORT", "/windows.json") or b"[]")
        measured = [each for each in windows if each["labelled"] >= 200]
        return sorted((each["start"], _accuracy(each)) for each in measured)

    def until(self, name: str, words: str = "") -> Moment:
        """The first such moment, once it has come."""
        found: list[Moment] = []

        def happened() -> bool:
            found[:] = [
                each
                for each in timeline(self.settings)
                if each.name == name and words in each.words
            ]
            return bool(found)

        self.wait(happened)
        return found[0]

    def wait(self, condition: Callable[[], object]) -> None:
        """Fails with the timeline so far."""
        try:
            eventually(condition, PATIENCE, every=1)
        except AssertionError:
            pytest.fail(told(timeline(self.settings)) + f"\n{self.accuracy()}\n{self.logs()}")

    def logs(self) -> str:
        """The last lines of each stage."""
        return "\n".join(
            f"== {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            for log in sorted(self._logs.glob("*.log"))
        )


def _accuracy(window: dict[str, Any]) -> float:
    return float(window["accuracy"])


@pytest.fixture
def scene(kafka: str, tmp_path: Path) -> Iterator[Scene]:
    """All stages but the simulator, ready, with a first champion."""
    made = Scene(kafka, tmp_path / "home")
    train_and_promote(made.settings)
    try:
        made.start("monitoring", "stream_app", "training serve")
        for port, path in (
            ("MONITORING_PORT", "/healthz"),
            ("SCORER_PORT", "/readyz"),
            ("TRAINING_PORT", "/metrics"),
        ):
            made.wait(partial(made.page, port, path))
        yield made
    finally:
        made.close()


def test_when_the_target_moves_a_new_champion_is_trained_takes_over_and_the_alert_ends(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.start("producers")
    fired = scene.until("alert firing", "performance")
    trained = scene.until("trained", "version 2")
    promoted = scene.until("promoted", "version 2")
    swapped = scene.until("scores", "version 2")
    ended = scene.until("alert resolved", "performance")

    assert fired.at < trained.at < promoted.at <= swapped.at < ended.at
    assert champion(scene.settings) == "2"
    before = [share for start, share in scene.accuracy() if start < fired.at - 15_000]
    during = [share for start, share in scene.accuracy() if fired.at < start < promoted.at - 3_000]
    after = [share for start, share in scene.accuracy() if start > swapped.at]
    assert min(during) < min(before) - 0.05
    assert max(after) > max(during) + 0.05
    shares = ", ".join(f"{share:.3f}" for _, share in scene.accuracy())
    with capsys.disabled():
        sys.stdout.write(f"\n{told(timeline(scene.settings))}\naccuracy: {shares}\n")
