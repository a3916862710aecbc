"""A service of the compose file -> the bubblewrap command that runs it as its container would."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.composed import Service
from tests.deploy.dockerfile import stages
from tests.deploy.programs import program

HOST = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc")
"""What stands in for the base image's system, read-only."""


@dataclass(frozen=True)
class Sandbox:
    """A container of ours: its service, its image's folder, and where named volumes are."""

    service: Service
    app: Path
    volumes: Path

    def command(
        self, own: Sequence[str] = (), hostname: str = "asked", **variables: str
    ) -> list[str]:
        """Runs the service's command, or another in the same place (a health check)."""
        stage = stages()[self.service["build"]["target"]]
        user, _, group = stage.user.partition(":")
        environment = {**stage.environment, **self.service["environment"], **variables}
        set_ = (("--setenv", name, value) for name, value in environment.items())
        return [
            program("bwrap"), "--die-with-parent", "--unshare-user", "--unshare-pid",
            "--unshare-ipc", "--unshare-uts", "--hostname", hostname, "--cap-drop", "ALL",
            "--uid", user, "--gid", group or user,
            *(word for place in HOST for word in ("--ro-bind-try", place, place)),
            "--ro-bind", str(self.app.parent / "passwd"), "/etc/passwd",
            "--ro-bind-try", sys.base_prefix, sys.base_prefix,
            "--ro-bind", str(self.app), "/app",
            *(word for place in self.service["tmpfs"] for word in ("--tmpfs", place)),
            *(word for volume in self.service.get("volumes", []) for word in self._bind(volume)),
            "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/",
            "--chdir", "/app", "--clearenv", *(word for words in set_ for word in words),
            *(own or self.service.get("command") or stage.command),
        ]  # fmt: skip

    def health_check(self, **variables: str) -> list[str]:
        """What says with 0 that it is well."""
        return self.command(self.service["healthcheck"]["test"][1:], **variables)

    def _bind(self, volume: str) -> list[str]:
        name, place = volume.split(":")
        folder = self.volumes / name
        folder.mkdir(parents=True, exist_ok=True)
        return ["--bind", str(folder), place]
