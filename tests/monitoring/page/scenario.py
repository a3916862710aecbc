"""Runs a scorer and the monitoring with traffic that drifts, for tests of the live page."""

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

from contract.events import LifecycleEvent, LifecycleKind
from contract.kafka import ensure_topics
from contract.schema import CARS, Schema
from contract.settings import load
from contract.topics import topics
from data.population import DATA_SET, Population
from monitoring.settings import MonitoringSettings
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually, produce, unique_topics
from tests.support.monitor import closed_windows, monitoring_process
from tests.support.ports import free_ports
from tests.support.reference import reference_rows
from tests.support.scorer import worker_process

WINDOW_ROWS: Final = 200
"""Customers of a past window."""

BATCH_INTERVAL: Final = 0.1
BATCH_ROWS: Final = 10
"""Customers of the live traffic, per `BATCH_INTERVAL` seconds."""

OLDER_AND_RICHER: Final = Population(age_shift=8, salary_factor=1.2)

DrawRows: TypeAlias = Callable[[int, int, bool], pd.DataFrame]
"""Draws labelled rows: their number, a seed, and whether they have drifted."""


def draw_cars(count: int, seed: int, drifted: bool) -> pd.DataFrame:
    """Draws customers, who are older and richer once they have drifted."""
    return reference_rows(count, seed, OLDER_AND_RICHER if drifted else DATA_SET)


LIFECYCLE: Final[tuple[tuple[LifecycleKind, str, dict[str, str]], ...]] = (
    ("requested", "data drift", {}),
    (
        "version_registered",
        "trained on 1,400 labelled records",
        {"model_version": "2", "flow_run_id": "a-run"},
    ),
    (
        "promoted",
        "passed the gate: accuracy 91.2 %, champion 88.0 %",
        {"model_version": "2"},
    ),
)

MALICIOUS: Final = '<img src=x onerror="window.stolen=1"><script>window.stolen=1</script>'
"""Markup in every text of a record."""


@dataclass(frozen=True)
class Scenario:
    """Past windows without and with drift, then live traffic.

    Attributes:
        stable_windows: Past windows before the drift.
        drifted_windows: Past windows after it.
        live_stable_seconds: Seconds of live traffic without drift; afterwards it has drifted.
        invalid_records: Values that do not match the schema.
        untrusted_text: Key and header of the invalid records.
        draw_rows: Draws the customers.
        schema: Their schema.
    """

    stable_windows: int = 4
    drifted_windows: int = 3
    live_stable_seconds: float = 0
    invalid_records: tuple[bytes | None, ...] = (
        MALICIOUS.encode(),
        json.encode({CARS.features[0]: MALICIOUS}),
        b"\xff\xfe",
        None,
    )
    untrusted_text: str = MALICIOUS
    draw_rows: DrawRows = draw_cars
    schema: Schema = CARS

    @property
    def past_windows(self) -> int:
        """Number of past windows."""
        return self.stable_windows + self.drifted_windows


@dataclass(frozen=True)
class LivePage:
    """Address of a live page, and the settings of its monitoring."""

    settings: MonitoringSettings
    url: str


@contextmanager
def run_scenario(
    champion: Mapping[str, str], data_dir: Path, scenario: Scenario, **changes: Any
) -> Iterator[LivePage]:
    """Runs scorer and monitoring. Yields once the past windows are closed and traffic flows."""
    name = uuid.uuid4().hex[:12]
    values = {
        **champion,
        **unique_topics(name),
        "data_dir": data_dir,
        "worker_id": name,
        "scorer_group": f"scorer-{name}",
        "monitoring_group": f"monitoring-{name}",
        "grafana_url": "http://127.0.0.1:3000/d/stream",
        "mlflow_ui_url": "http://127.0.0.1:5000",
        "window_seconds": 30,  # a report of each takes seconds of processor time
        "window_min_rows": 100,
        "allowed_lateness": 1,
        "idle_timeout": 1,
        **changes,
    }
    scorer_port, port = free_ports("127.0.0.1", 2)
    settings = load(MonitoringSettings, **values, monitoring_port=port)
    scorer_settings = load(ScorerSettings, **values, scorer_port=scorer_port)
    ensure_topics(settings, topics(settings))
    with ExitStack() as stack:
        stack.enter_context(worker_process(scorer_settings))
        stack.enter_context(monitoring_process(settings))
        _publish_past(settings, scenario)
        eventually(
            lambda: _count_labelled_windows(settings) >= scenario.past_windows - 1, deadline=60
        )
        stack.enter_context(_LiveTraffic(settings, scenario))
        yield LivePage(settings, f"http://localhost:{port}/")


class _LiveTraffic(threading.Thread):
    """Publishes customers and their outcomes until the block ends."""

    def __init__(self, settings: MonitoringSettings, scenario: Scenario) -> None:
        super().__init__(name="traffic", daemon=True)
        self._settings = settings
        self._scenario = scenario
        self._stopping = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self.join()

    def run(self) -> None:
        settings = self._settings
        producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "linger.ms": 1})
        started_at, batch = time.monotonic(), 0
        while not self._stopping.wait(started_at + batch * BATCH_INTERVAL - time.monotonic()):
            batch += 1
            drifted = batch * BATCH_INTERVAL >= self._scenario.live_stable_seconds
            rows = self._scenario.draw_rows(BATCH_ROWS, 1_000 + batch, drifted)
            customers, outcomes = _to_events(rows, f"live-{batch}", self._scenario.schema)
            for topic, events in (
                (settings.topic_customers, customers),
                (settings.topic_outcomes, outcomes),
            ):
                for event in events:
                    producer.produce(topic, json.encode(event))
            producer.poll(0)
        producer.flush(10)


def _publish_past(settings: MonitoringSettings, scenario: Scenario) -> None:
    """Publishes windows up to now, outcomes, invalid records and lifecycle events."""
    length = round(settings.window_seconds * 1000)
    first_start = (round(time.time() * 1000) // length - scenario.past_windows) * length
    for number in range(scenario.past_windows):
        rows = scenario.draw_rows(WINDOW_ROWS, number, number >= scenario.stable_windows)
        customers, outcomes = _to_events(rows, str(number), scenario.schema)
        start = first_start + number * length
        timed = [
            replace(customer, event_time=start + index * length // WINDOW_ROWS)
            for index, customer in enumerate(customers)
        ]
        _publish(settings, settings.topic_customers, timed)
        _publish(settings, settings.topic_outcomes, outcomes)
    produce(
        settings.kafka_bootstrap,
        settings.topic_customers,
        scenario.invalid_records,
        key=scenario.untrusted_text.encode(),
        headers={scenario.untrusted_text: scenario.untrusted_text.encode()},
    )
    now = round(time.time() * 1000)
    lifecycle = [
        LifecycleEvent(kind, kind, now + index, "m", message, **details)  # type: ignore[arg-type]
        for index, (kind, message, details) in enumerate(LIFECYCLE)
    ]
    _publish(settings, settings.topic_model_lifecycle, lifecycle)


def _to_events(rows: pd.DataFrame, prefix: str, schema: Schema) -> tuple[list[Any], list[Any]]:
    """Makes customer records and outcomes of labelled rows, with ids that have the prefix."""
    ids = [f"{prefix}-{index}" for index in range(len(rows))]
    labels = zip(ids, rows[schema.target.name].tolist(), strict=True)
    return schema.encoder.to_records(rows, ids), [
        schema.events.outcome(record_id, actual) for record_id, actual in labels
    ]


def _count_labelled_windows(settings: MonitoringSettings) -> int:
    return sum(1 for window in closed_windows(settings).values() if window["labelled_rows"])


def _publish(settings: MonitoringSettings, topic: str, events: Sequence[object]) -> None:
    produce(settings.kafka_bootstrap, topic, [json.encode(event) for event in events])
