"""The compose stack on an engine: what people do to it, and what it says of itself."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.deploy.programs import ROOT
from tests.support.builders import eventually
from tests.support.commands import run_command

FOLDER: Final = ROOT / "compose"

WELL_WITHIN: Final = 200
"""Seconds, of an idle machine, for everything to be healthy; images are there already."""

ENDING: Final = ("topics", "champion")
"""Services that do their work and end."""

PORTS: Final = {
    "KAFKA_PORT": "29092",
    "MLFLOW_PORT": "25000",
    "PREFECT_PORT": "24200",
    "MONITORING_PORT": "28002",
    "PROMETHEUS_PORT": "29090",
    "ALERTMANAGER_PORT": "29093",
    "GRAFANA_PORT": "23000",
}
"""Neither the stack's own nor those of `compose/smoke`."""

BOOTSTRAP: Final = f"127.0.0.1:{PORTS['KAFKA_PORT']}"
TOKEN: Final = "of-the-tests"  # noqa: S105


@dataclass(frozen=True)
class Stack:
    """One compose project.

    Attributes:
        env: with which the engine is reached.
        files: of compose, the stack's own first.
    """

    env: Mapping[str, str]
    files: Sequence[Path]
    project: str = "intent-test"

    def compose(self, *arguments: str, **settings: str) -> str:
        """`docker compose`; returns what it prints."""
        files = [f"--file={each}" for each in self.files]
        own = {"INTENT_LISTEN_TOKEN": TOKEN, "BIND_ADDRESS": "127.0.0.1", **PORTS, **settings}
        command = ["docker", "compose", f"--project-name={self.project}", *files, *arguments]
        return run_command(*command, cwd=FOLDER, env={**self.env, **own})

    def docker(self, *arguments: str) -> str:
        """`docker`; returns what it prints."""
        return run_command("docker", *arguments, env=self.env)

    def up(self, scorers: int = 1, **settings: str) -> None:
        """Returns once all services are healthy."""
        self.compose("up", "--detach", f"--scale=scorer={scorers}", **settings)
        self.await_health()

    def await_health(self) -> None:
        """All that runs is healthy, and what ends has ended well."""
        eventually(
            lambda: not self.unwell(), WELL_WITHIN, every=1, describe=lambda: str(self.unwell())
        )

    def unwell(self) -> dict[str, str]:
        """By container: why it is not as it should be."""
        found, containers = {}, self.containers()
        for each in containers:
            state = each["State"]
            if each["Config"]["Labels"]["com.docker.compose.service"] in ENDING:
                fine = state["Status"] == "exited" and state["ExitCode"] == 0
            else:
                fine = state["Status"] == "running" and state["Health"]["Status"] == "healthy"
            if not fine:
                found[each["Name"]] = json.dumps(state)[:500]
        return found if containers else {"": "there is no container"}

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """What the engine says of the containers of these services, or of all."""
        ids = self.compose("ps", "--all", "--quiet", *services).split()
        return list(json.loads(self.docker("inspect", *ids))) if ids else []

    def container(self, service: str) -> dict[str, Any]:
        """What the engine says of a service's one container."""
        (found,) = self.containers(service)
        return found

    def inside(self, service: str, *command: str) -> str:
        """Runs a command in a service's one container; returns what it prints."""
        return self.docker("exec", self.container(service)["Id"], *command)

    def kill(self, container: Mapping[str, Any]) -> None:
        """SIGKILL for its first process, as from the kernel: the engine has not been asked to."""
        os.kill(container["State"]["Pid"], signal.SIGKILL)

    def starts_again(self, container: Mapping[str, Any]) -> bool:
        """Whether the engine has started it since."""
        (now,) = json.loads(self.docker("inspect", container["Id"]))
        return bool(now["State"]["StartedAt"] > container["State"]["StartedAt"])

    def down(self) -> None:
        """Everything of it goes, volumes too."""
        self.compose("--profile=*", "down", "--volumes", "--timeout=20", "--remove-orphans")
