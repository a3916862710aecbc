"""Fixtures that every test may use: a real broker, and settings that nobody else has."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import hypothesis
import pytest
from testcontainers.community.kafka import RedpandaContainer

from compose.local.kafka.broker import LocalBroker
from compose.local.settings import LocalSettings
from contract import libraries
from contract.settings import PREFIX, Settings, load
from tests.builders import own_topics
from training.settings import TrainingSettings
from training.steps import train_and_promote

hypothesis.settings.register_profile("ours", deadline=None)  # a busy machine breaks no guarantee
hypothesis.settings.load_profile("ours")

libraries.prepare()  # before any test module imports a library that looks at it

S = TypeVar("S", bound=Settings)

KEPT = (
    "INTENT_TEST_BROKER",
    "INTENT_TEST_KAFKA",
    "INTENT_TEST_SCHEMA_REGISTRY",
    "INTENT_CACHE",
    "INTENT_TABLE",  # types are made of it already
)


class SettingsFor(Protocol):
    """`settings_for(StageSettings, some_setting=...)`."""

    def __call__(self, cls: type[S], **changes: Any) -> S: ...


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(PREFIX) and name not in KEPT:
                patch.delenv(name)
        patch.setenv("INTENT_CONFIG", os.devnull)  # not what lies in the working folder
        yield


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of a real broker, the same for all tests: take topics of your own.

    INTENT_TEST_KAFKA=host:port names one that runs; INTENT_TEST_BROKER=redpanda or =kafka chooses.
    Otherwise it is Redpanda in a container where a Docker engine answers, else Apache Kafka.
    """
    running = os.environ.get("INTENT_TEST_KAFKA")
    chosen = os.environ.get("INTENT_TEST_BROKER")
    if running:
        yield running
    elif chosen == "redpanda" or (not chosen and _docker_answers()):
        with RedpandaContainer() as container:
            yield container.get_bootstrap_server()
    else:
        folder = tmp_path_factory.mktemp("kafka")
        cache = load(LocalSettings).cache
        with LocalBroker(folder / "broker", cache, folder / "broker.log") as broker:
            yield broker.bootstrap


@pytest.fixture
def settings_for(kafka: str, tmp_path: Path) -> SettingsFor:
    """A stage's settings on the broker, with a home and with topics that no other test has."""
    own = uuid.uuid4().hex[:12]

    def made(cls: type[S], **changes: Any) -> S:
        given = {
            "kafka_bootstrap": kafka,
            **own_topics(own),
            "model_name": f"car-purchase-{own}",
            "home": tmp_path / "home",
        }
        return load(cls, **{**given, **changes})

    return made


@pytest.fixture(scope="session")
def champion(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings that name a registry with a champion, trained once for all tests."""
    settings = load(TrainingSettings, home=tmp_path_factory.mktemp("registry"))
    train_and_promote(settings)
    return {"mlflow_uri": settings.registry_uri, "model_name": settings.model_name}


@pytest.fixture
def settings(settings_for: SettingsFor) -> Settings:
    """The settings that all stages share; for another process, see `builders.environment`."""
    return settings_for(Settings)


def _docker_answers() -> bool:
    docker = shutil.which("docker")
    if not docker:
        return False
    try:
        asked = subprocess.run([docker, "version"], capture_output=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0  # the client's version alone is not enough for it
