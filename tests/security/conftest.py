"""A broker that demands TLS, a login and rights, with a user for every role."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from pydantic import SecretStr

from compose.cluster import document, rights
from compose.cluster.__main__ import apply
from compose.cluster.roles import ROLES, USER
from compose.local.kafka.broker import LocalBroker
from compose.local.kafka.secured import Secured
from compose.local.settings import LocalSettings
from contract.settings import Settings, environment, load
from tests.security.certificates import authority, identity

S = TypeVar("S", bound=Settings)

PASSWORD: Final = "pass-of-{role}-Zx9,=']"  # noqa: S105  of a broker that lives for a test
ADMIN: Final = "admin-Kj3"
TOKEN: Final = "token-of-the-pages-Qw7"  # noqa: S105


@dataclass(frozen=True)
class Cluster:
    """The secured broker, its topics and users."""

    bootstrap: str
    secured: Secured

    def settings(self, cls: type[S], role: str, **changes: Any) -> S:
        """A stage's settings with the login of a role."""
        user = {
            "kafka_username": USER.format(role=role),
            "kafka_password": SecretStr(PASSWORD.format(role=role)),
        }
        return self.admin(cls, **{**user, **changes})

    def admin(self, cls: type[S], **changes: Any) -> S:
        """The same with the admin's login."""
        given = {**self.secured.login(), "kafka_bootstrap": self.bootstrap}
        return load(cls, **{**given, **changes})


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One for all tests: with the roles' rights, given by the tool that ships."""
    folder = tmp_path_factory.mktemp("secured")
    ours, key = authority(folder, "ours")
    secured = Secured(ours, identity(folder, "ours", key), "admin", SecretStr(ADMIN))
    cache = load(LocalSettings).cache
    with LocalBroker(folder / "broker", cache, folder / "broker.log", secured=secured) as broker:
        made = Cluster(broker.bootstrap, secured)
        admin = made.admin(Settings)
        for role in ROLES:
            rights.let_in(admin, USER.format(role=role), PASSWORD.format(role=role))
        apply(admin, document.default())
        yield made


def start(settings: Settings, module: str, *arguments: str, **env: str) -> "subprocess.Popen[str]":
    """A stage in a process of its own; what it says on either stream is kept."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment(settings), **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(settings: Settings, module: str, *arguments: str, **env: str) -> tuple[int, str]:
    """Exit code and words of a process that ends by itself."""
    process = start(settings, module, *arguments, **env)
    try:
        said, _ = process.communicate(timeout=270)
    finally:
        process.kill()
    return process.returncode, said


def lines(path: Path) -> str:
    """A file as text, whatever is in it."""
    return path.read_bytes().decode("latin-1")
