"""The stack from its first container to its last, and what is seen of it meanwhile."""

import json
import os
import shutil
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from contract.settings import Settings, load
from intent.local.delivery_check import DeliveryCheck
from intent.local.kafka.broker import LocalBroker
from intent.local.managed_process import ManagedProcess, Program
from intent.local.network import http_get
from intent.local.settings import LocalSettings
from tests.deploy.composed import FOLDER, Service, services
from tests.deploy.engineless.container import Container
from tests.deploy.engineless.database import postgres
from tests.deploy.engineless.network import REPLICAS
from tests.deploy.engineless.sandbox import Sandbox
from tests.deploy.programs import program
from tests.deploy.queries import empty, instant, queries
from tests.support.builders import eventually

RECORDS: Final = 20_000
SETTINGS: Final = {
    "INTENT_RECORDS": str(RECORDS),
    "INTENT_RATE": "500",
    "INTENT_INVALID_RATIO": "0.01",
    "INTENT_OUTCOME_DELAY": "1",
    "INTENT_WINDOW_SECONDS": "4",
    "INTENT_ALLOWED_LATENESS": "1",
    "INTENT_DRIFT_START": "8",
    "INTENT_LISTEN_TOKEN": "a token that health checks and Prometheus show",
}
"""What a person could put into .env: a short run with a drift, and pages that not all may read."""

PROMOTE: Final = (
    "python",
    "-c",
    "from training import commands as run; run.promote(run.configure_process(), '2', 'a test')",
)
JOBS: Final = ("scorer", "monitoring", "training", "simulator")

WELL_WITHIN: Final = 180
"""Seconds, on a busy machine."""


def run(folder: Path) -> dict[str, Any]:
    """The images are in the folder already."""
    configured = services(**SETTINGS)
    with ExitStack() as held:
        held.enter_context(_theirs(configured, folder))
        stack = _Stack(configured, folder, held)
        stack.start("mlflow")
        stack.start("prefect")
        stack.wait()
        seen: dict[str, Any] = {"ended": {name: stack.end(name) for name in ("topics", "champion")}}
        for address in REPLICAS:
            stack.start("scorer", address)
        stack.start("monitoring")
        stack.start("training")
        stack.wait()
        prometheus = held.enter_context(_watching(configured, folder))
        seen["ended"]["once"] = stack.end("champion", "python", "-m", "training", "once")
        stack.end("champion", *PROMOTE)  # unless the gate has done it already
        eventually(
            lambda: len(instant(prometheus, "intent_scorer_shadow_version")) == 2, WELL_WITHIN
        )
        with DeliveryCheck(load(Settings, kafka_bootstrap="redpanda:9092")) as audit:
            simulator = stack.start("simulator")
            stack.wait()
            eventually(lambda: _up(prometheus, "simulator"))
            seen["up"] = {job: _up(prometheus, job) for job in JOBS}
            seen["megabytes"] = {each.name: round(each.megabytes) for each in stack.running}
            seen["empty"] = _never_filled(prometheus, simulator)
            seen["ended"]["simulator"] = simulator.ended(WELL_WITHIN)
            eventually(lambda: _accounted(audit), 60)
            seen["records"] = len(audit.counts.records)
            seen["fault"] = audit.counts.describe_faults()
        seen["scheduled"] = _scheduled()
        stack.running.remove(simulator)
        seen["stopped"] = stack.stop()
    return seen


class _Stack:
    """The containers of ours."""

    def __init__(self, configured: dict[str, Service], folder: Path, held: ExitStack) -> None:
        self._configured, self._folder, self._held = configured, folder, held
        self.running: list[Container] = []

    def start(self, name: str, address: str = "") -> Container:
        """One that lasts. Does not wait until it is well."""
        container = self._launch(name, address)
        self.running.append(container)
        return container

    def wait(self) -> None:
        """Returns when all are well."""
        for container in self.running:
            eventually(container.well, WELL_WITHIN, every=0.5)

    def end(self, name: str, *command: str) -> int | None:
        """Runs one that ends by itself, or another command in its place; its exit code."""
        return self._launch(name, command=command).ended(WELL_WITHIN)

    def stop(self) -> dict[str, int | None]:
        """Stops all, the last first; exit codes."""
        return {each.name: each.stop(self._patience(each.name)) for each in reversed(self.running)}

    def _launch(self, name: str, address: str = "", command: Sequence[str] = ()) -> Container:
        service = self._configured[name]
        app = self._folder / "images" / service["build"]["target"]
        sandbox = Sandbox(service, app, self._folder / "volumes")
        own = f"{name}-{address}" if address else name
        container = Container(own, sandbox, self._folder / "logs", address, command)
        self._held.callback(container.child.stop, 0)
        return container

    def _patience(self, name: str) -> float:
        grace = self._configured[name.partition("-")[0]].get("stop_grace_period", "10s")
        return float(str(grace).removesuffix("s"))


@contextmanager
def _theirs(configured: dict[str, Service], folder: Path) -> Iterator[None]:
    """The broker and the database."""
    cache = load(LocalSettings).cache_dir
    database = postgres(configured["postgres"], folder / "postgres")
    try:
        with LocalBroker(folder / "kafka", cache, folder / "logs" / "kafka.log", 9092):
            yield
    finally:
        database.stop(5)


@contextmanager
def _watching(configured: dict[str, Service], folder: Path) -> Iterator[str]:
    """Alertmanager and Prometheus on the shipped configuration, looking every second."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("alertmanager", "prometheus"):
        (programs / name).symlink_to(program(name))
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    config = folder / "prometheus"
    shutil.copytree(FOLDER / "prometheus", config)
    text = (config / "compose.yml").read_text()
    for interval in ("15s", "10s"):
        text = text.replace(f"interval: {interval}", "interval: 1s")
    text = text.replace("/tmp/listen-token", f"{folder}/listen-token")  # noqa: S108
    (config / "compose.yml").write_text(text)
    children = [
        ManagedProcess(
            Program(
                "alertmanager",
                ["/bin/sh", str(FOLDER / "alertmanager" / "start"), f"--storage.path={folder}/am"],
                env={**configured["alertmanager"]["environment"], **path},
            ),
            folder / "logs" / "alertmanager.log",
        ),
        ManagedProcess(
            Program(
                "prometheus",
                [
                    "/bin/sh", str(FOLDER / "prometheus" / "start"),
                    f"--config.file={config / 'compose.yml'}",
                    f"--storage.tsdb.path={folder / 'tsdb'}",
                ],
                env={**configured["prometheus"]["environment"], **path, "TMPDIR": str(folder)},
            ),
            folder / "logs" / "prometheus.log",
        ),
    ]  # fmt: skip
    try:
        for port in (9093, 9090):
            eventually(lambda port=port: http_get("127.0.0.1", port, "/-/ready"))  # type: ignore[misc]
        yield "127.0.0.1:9090"
    finally:
        for child in children:
            child.stop(5)


def _up(prometheus: str, job: str) -> int:
    """How many of the job answer."""
    return sum(float(value) == 1 for value in instant(prometheus, f'up{{job="{job}"}}'))


def _never_filled(prometheus: str, simulator: Container) -> list[str]:
    """The panels' queries that had no answer for as long as the stream went on."""
    unfilled = set(queries())

    def done() -> bool:
        unfilled.intersection_update(empty(prometheus))
        return not unfilled or simulator.child.exit_code is not None

    eventually(done, WELL_WITHIN, every=1)
    return sorted(unfilled)


def _scheduled() -> int:
    """Trainings that Prefect's server has on its schedule."""
    query = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    request = urllib.request.Request(
        "http://prefect:4200/api/flow_runs/count",
        json.dumps(query).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return int(json.load(answer))


def _accounted(audit: DeliveryCheck) -> bool:
    audit.read_to_end()
    return len(audit.counts.records) == RECORDS and not audit.counts.describe_faults()
