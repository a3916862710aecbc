"""What the page looks at: broker, scorer and monitoring, with traffic that drifts."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas as pd
from confluent_kafka import Producer
from msgspec import json
from msgspec.structs import replace

from contract.events import CustomerRecord, Outcome
from contract.features import FEATURES, TARGET, records
from contract.kafka import ensure_topics
from contract.settings import load
from contract.topics import topics
from data.population import DATA_SET, Population
from monitoring.settings import MonitoringSettings
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually, own_topics, produce
from tests.support.monitor import monitoring, windows
from tests.support.ports import free_ports
from tests.support.reference import table
from tests.support.scorer import worker

ROWS: Final = 200
"""Customers of a window of the past."""

EVERY: Final = 0.1
AT_ONCE: Final = 10
"""Customers of now, every so many seconds."""

OLDER: Final = Population(age_shift=8, salary_factor=1.2)

Rows: TypeAlias = Callable[[int, int, bool], pd.DataFrame]
"""So many labelled rows under a seed, once they have drifted or before."""


def cars(count: int, seed: int, drifted: bool) -> pd.DataFrame:
    """Customers, who grow older and richer."""
    return table(count, seed, OLDER if drifted else DATA_SET)


STEPS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("requested", "data drift", {}),
    (
        "version_registered",
        "on 1,400 labelled records",
        {"model_version": "2", "flow_run_id": "a-run"},
    ),
    ("promoted", "the gate lets it through: 91.2 % against 88.0 %", {"model_version": "2"}),
)

EVIL: Final = '<img src=x onerror="window.stolen=1"><script>window.stolen=1</script>'
"""What a stranger puts wherever text fits."""


@dataclass(frozen=True)
class Play:
    """What is played: windows of the past without drift and with it, then traffic.

    Attributes:
        then_calm: seconds of the traffic without drift; it has drifted ever after.
        bad: what is sent that does not fit the contract.
        stranger: what stands in keys and headers of it.
        rows: who comes.
    """

    calm: int = 4
    drifted: int = 3
    then_calm: float = 0
    bad: tuple[bytes | None, ...] = (
        EVIL.encode(),
        json.encode({FEATURES[0]: EVIL}),
        b"\xff\xfe",
        None,
    )
    stranger: str = EVIL
    rows: Rows = cars

    @property
    def windows(self) -> int:
        """Of the past."""
        return self.calm + self.drifted


@dataclass(frozen=True)
class Stage:
    """Where the page is, and whose it is."""

    settings: MonitoringSettings
    url: str


@contextmanager
def staged(champion: Mapping[str, str], home: Path, play: Play, **changes: Any) -> Iterator[Stage]:
    """All of it runs, has seen the windows of the past, and goes on at a gentle pace."""
    own = uuid.uuid4().hex[:12]
    given = {
        **champion,
        **own_topics(own),
        "data_dir": home,
        "worker_id": own,
        "scorer_group": f"scorer-{own}",
        "monitoring_group": f"monitoring-{own}",
        "grafana_url": "http://127.0.0.1:3000/d/stream",
        "mlflow_ui_url": "http://127.0.0.1:5000",
        "window_seconds": 5,
        "window_min_rows": 100,
        "allowed_lateness": 1,
        "idle_timeout": 1,
        **changes,
    }
    scorer_port, port = free_ports("127.0.0.1", 2)
    settings = load(MonitoringSettings, **given, monitoring_port=port)
    scorer = load(ScorerSettings, **given, scorer_port=scorer_port)
    ensure_topics(settings, topics(settings))
    with ExitStack() as stack:
        stack.enter_context(worker(scorer))
        stack.enter_context(monitoring(settings))
        _past(settings, play)
        eventually(lambda: _labelled(settings) >= play.windows - 1, deadline=60)
        stack.enter_context(_Traffic(settings, play))
        yield Stage(settings, f"http://localhost:{port}/")


class _Traffic(threading.Thread):
    """Customers of now, and at once what they did, until the block ends."""

    def __init__(self, settings: MonitoringSettings, play: Play) -> None:
        super().__init__(name="traffic", daemon=True)
        self._settings = settings
        self._play = play
        self._ended = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        own = self._settings
        producer = Producer({"bootstrap.servers": own.kafka_bootstrap, "linger.ms": 1})
        begun, turn = time.monotonic(), 0
        while not self._ended.wait(begun + turn * EVERY - time.monotonic()):
            turn += 1
            drifted = turn * EVERY >= self._play.then_calm
            rows = self._play.rows(AT_ONCE, 1_000 + turn, drifted)
            customers, outcomes = _people(rows, f"now-{turn}")
            for topic, events in ((own.topic_customers, customers), (own.topic_outcomes, outcomes)):
                for event in events:
                    producer.produce(topic, json.encode(event))
            producer.poll(0)
        producer.flush(10)


def _past(settings: MonitoringSettings, play: Play) -> None:
    """Windows up to now, outcomes, faults, and steps of a model's life."""
    length = round(settings.window_seconds * 1000)
    begin = (round(time.time() * 1000) // length - play.windows) * length
    for number in range(play.windows):
        customers, outcomes = _people(play.rows(ROWS, number, number >= play.calm), str(number))
        then = begin + number * length
        timed = [
            replace(customer, event_time=then + place * length // ROWS)
            for place, customer in enumerate(customers)
        ]
        _send(settings, settings.topic_customers, timed)
        _send(settings, settings.topic_outcomes, outcomes)
    produce(
        settings.kafka_bootstrap,
        settings.topic_customers,
        play.bad,
        key=play.stranger.encode(),
        headers={play.stranger: play.stranger.encode()},
    )
    now = round(time.time() * 1000)
    told = [
        {"id": kind, "kind": kind, "at": now + place, "model": "m", "words": words, **more}
        for place, (kind, words, more) in enumerate(STEPS)
    ]
    _send(settings, settings.topic_model_lifecycle, told)


def _people(rows: pd.DataFrame, name: str) -> tuple[list[CustomerRecord], list[Outcome]]:
    """Customer records and outcomes of the rows, with ids that begin with the name."""
    ids = [f"{name}-{place}" for place in range(len(rows))]
    done = zip(ids, rows[TARGET].tolist(), strict=True)
    return records(rows, ids), [Outcome(own, did) for own, did in done]


def _labelled(settings: MonitoringSettings) -> int:
    return len([each for each in windows(settings).values() if each["labelled"]])


def _send(settings: MonitoringSettings, topic: str, events: Sequence[object]) -> None:
    produce(settings.kafka_bootstrap, topic, [json.encode(each) for each in events])
