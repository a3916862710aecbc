"""Settings and processes of real workers."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contract.kafka import ensure_topics
from contract.settings import load
from contract.topics import MEBIBYTE, topics
from stream_app.settings import ScorerSettings
from tests.support.builders import unique_topics
from tests.support.fixtures import InstallChampion, SettingsFor
from tests.support.ports import free_ports
from tests.support.scorer import worker_process
from tests.support.scorer_parts import OpenParts, ScorerParts, create_parts


@pytest.fixture(scope="session")
def shared(
    kafka: str,
    champion: dict[str, str],
    install_champion: InstallChampion,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ScorerSettings]:
    """The settings of a worker that runs for all tests, on its own topics.

    Its `customers` takes larger records than ours do, as a user's own topic may.
    """
    home: Path = install_champion(tmp_path_factory.mktemp("scorer"))
    name = f"scorer-{uuid4().hex[:12]}"
    settings = load(
        ScorerSettings,
        **champion,
        **unique_topics(name),
        kafka_bootstrap=kafka,
        data_dir=home,
        worker_id=home.name,
        scorer_group=name,
        scorer_port=free_ports("127.0.0.1", 1)[0],
        dead_letter_min_records=0,
    )
    ensure_topics(settings, [replace(topics(settings).customers, max_message_bytes=12 * MEBIBYTE)])
    with worker_process(settings):
        yield settings


@pytest.fixture
def worker_settings(
    settings_for: SettingsFor, champion: dict[str, str], install_champion: InstallChampion
) -> ScorerSettings:
    """Settings of a worker with its own topics, and with the champion compiled."""
    settings = settings_for(
        ScorerSettings,
        **champion,
        worker_id="w",
        scorer_group=f"scorer-{time.time_ns()}",
        scorer_port=free_ports("127.0.0.1", 1)[0],
        session_timeout=6,
    )
    install_champion(settings.data_dir)
    return settings


@pytest.fixture
def open_parts() -> Iterator[OpenParts]:
    """Opens the parts of workers without a worker, and closes their consumers."""
    with ExitStack() as stack:

        def open_and_close_later(*args: Any, **options: Any) -> ScorerParts:
            parts = create_parts(*args, **options)
            stack.callback(parts.consumer.close)
            return parts

        yield open_and_close_later
