"""A broker with SASL, TLS and ACLs, and stages that use it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from contract.settings import Settings, load
from deploy.cluster.roles import USER
from intent.local.kafka.security import BrokerSecurity
from tests.support.builders import start_module
from tests.support.fixtures import S

PASSWORD: Final = "pass-of-{role}-Zx9,=']"  # noqa: S105  of a broker that lives for a test


ADMIN: Final = "admin-Kj3"


TOKEN: Final = "token-of-the-pages-Qw7"  # noqa: S105


@dataclass(frozen=True)
class Cluster:
    """The secured broker."""

    bootstrap: str
    secured: BrokerSecurity

    def settings(self, cls: type[S], role: str, **changes: Any) -> S:
        """Settings of a stage with the login of a role."""
        user = {
            "kafka_username": USER.format(role=role),
            "kafka_password": SecretStr(PASSWORD.format(role=role)),
        }
        return self.admin(cls, **{**user, **changes})

    def admin(self, cls: type[S], **changes: Any) -> S:
        """Settings of a stage with the admin's login."""
        values = {**self.secured.login(), "kafka_bootstrap": self.bootstrap}
        return load(cls, **{**values, **changes})


def start_stage(
    settings: Settings, module: str, *arguments: str, **env: str
) -> "subprocess.Popen[str]":
    """Starts a stage; captures both output streams."""
    return start_module(
        settings,
        module,
        *arguments,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def run_stage(settings: Settings, module: str, *arguments: str, **env: str) -> tuple[int, str]:
    """Runs a stage that ends by itself; returns exit code and output."""
    process = start_stage(settings, module, *arguments, **env)
    try:
        output, _ = process.communicate(timeout=270)
    finally:
        process.kill()
    return process.returncode, output


def read_latin1(path: Path) -> str:
    """Reads any file as text."""
    return path.read_bytes().decode("latin-1")
