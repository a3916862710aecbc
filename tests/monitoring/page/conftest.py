"""A real browser, and a stage for it: broker, scorer and monitoring, with traffic that drifts."""

import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
from msgspec import json
from playwright.sync_api import Browser, Page, sync_playwright

from compose.local.ports import free_ports
from contract.features import FEATURES, TARGET
from contract.kafka import ensure_topics
from contract.settings import load
from contract.topics import topics
from data.population import DATA_SET, Population
from monitoring.settings import MonitoringSettings
from stream_app.settings import ScorerSettings
from tests.builders import eventually, produce
from tests.monitoring.conftest import monitoring, table, windows
from tests.stream_app.conftest import worker

RATE = 200
CALM, DRIFTED = 4, 3
"""Windows of each."""

TOPICS: Final = (
    "customers",
    "predictions",
    "outcomes",
    "dead_letters",
    "alerts",
    "lifecycle",
    "retrains",
)

OLDER: Final = Population(age_shift=8, salary_factor=1.2)

STEPS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("requested", "data drift", {}),
    ("trained", "on 1,400 labelled records", {"model_version": "2", "run": "a-run"}),
    ("promoted", "the gate lets it through: 91.2 % against 88.0 %", {"model_version": "2"}),
)

EVIL = '<img src=x onerror="window.stolen=1"><script>window.stolen=1</script>'
"""What a stranger puts wherever text fits."""


@dataclass(frozen=True)
class Stage:
    """Where the page is, and whose it is."""

    settings: MonitoringSettings
    url: str


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    assert found, "these tests need Chromium: apt-get install chromium"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def stage(
    kafka: str, champion: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """All of it runs, has seen windows that drifted, and goes on at a gentle pace."""
    with staged(kafka, champion, tmp_path_factory.mktemp("page")) as found:
        yield found


@contextmanager
def staged(kafka: str, champion: dict[str, str], home: Path) -> Iterator[Stage]:
    own = uuid.uuid4().hex[:12]
    given = {
        **champion,
        "kafka_bootstrap": kafka,
        "home": home,
        "worker_id": own,
        "scorer_group": f"scorer-{own}",
        "monitoring_group": f"monitoring-{own}",
        "link_grafana": "http://127.0.0.1:3000/d/stream",
        "link_mlflow": "http://127.0.0.1:5000",
        "window_seconds": 5,
        "window_min_rows": 100,
        "allowed_lateness": 1,
        "idle_seconds": 1,
        **{
            f"topic_{each}": f"{each.replace('_', '-')}-{own}"
            for each in (
                "customers",
                "predictions",
                "outcomes",
                "dead_letters",
                "alerts",
                "lifecycle",
                "retrains",
            )
        },
    }
    scorer_port, port = free_ports("127.0.0.1", 2)
    settings = load(MonitoringSettings, **given, monitoring_port=port)
    scorer = load(ScorerSettings, **given, scorer_port=scorer_port)
    ensure_topics(settings, topics(settings))
    with ExitStack() as stack:
        stack.enter_context(worker(scorer))
        stack.enter_context(monitoring(settings))
        _history(settings)
        eventually(lambda: _seen(settings), deadline=60)
        stack.enter_context(_Traffic(settings))
        yield Stage(settings, f"http://localhost:{port}/")


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    """The page, drawn, in a window of a browser that knows nobody. Nothing may go wrong in it."""
    with opened(browser, stage) as found:
        yield found


class opened:  # noqa: N801 reads as a function
    """A browser's page on the stage; fails if the page's own script does, or is refused a thing."""

    def __init__(
        self, browser: Browser, stage: Stage, forgiving: bool = False, **options: Any
    ) -> None:
        self._forgiving = forgiving
        self._context = browser.new_context(**options)
        self._url = stage.url
        self._faults: list[str] = []

    def __enter__(self) -> Page:
        page = self._context.new_page()
        page.on("pageerror", lambda fault: self._faults.append(str(fault)))
        page.on("console", self._said)
        page.goto(self._url)
        until(page, "() => document.querySelectorAll('#windows tbody tr').length > 3")
        known(page, "arrived")
        return page

    def __exit__(self, kind: object, *_: object) -> None:
        self._context.close()
        assert kind or self._forgiving or not self._faults, self._faults

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self._faults.append(message.text)


def until(page: Page, condition: str, given: object = None, deadline: float = 20) -> None:
    """Waits until a function of the page's says so; the page's policy forbids its own waiting."""
    ends_at = time.monotonic() + deadline
    while not page.evaluate(condition, given):
        assert time.monotonic() < ends_at, f"not so within {deadline} s: {condition}"
        page.wait_for_timeout(50)


def known(page: Page, tile: str) -> None:
    """Waits until the tile has a figure."""
    until(page, "(id) => /\\d/.test(document.getElementById(id).textContent)", tile)


class _Traffic(threading.Thread):
    """Customers of now, until the block ends."""

    def __init__(self, settings: MonitoringSettings) -> None:
        super().__init__(name="traffic", daemon=True)
        self._settings = settings
        self._ended = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        turn = 0
        while not self._ended.wait(0.5):
            turn += 1
            found = table(RATE // 4, 1_000 + turn, OLDER)
            names = [f"now-{turn}-{place}" for place in range(len(found))]
            rows = zip(_records(found), names, strict=True)
            _send(self._settings, "customers", [{**row, "id": name} for row, name in rows])
            done = zip(names, found[TARGET].tolist(), strict=True)
            _send(self._settings, "outcomes", [{"id": name, TARGET: did} for name, did in done])


def _history(settings: MonitoringSettings) -> None:
    """Windows of the last half minute, the latest of them older and richer; outcomes; faults."""
    length = round(settings.window_seconds * 1000)
    begin = (round(time.time() * 1000) // length - CALM - DRIFTED) * length
    for number in range(CALM + DRIFTED):
        found = table(RATE, number, DATA_SET if number < CALM else OLDER)
        names = [f"{number}-{place}" for place in range(RATE)]
        times = [begin + number * length + place * length // RATE for place in range(RATE)]
        rows = [
            {**row, "id": name, "event_time": at}
            for row, name, at in zip(_records(found), names, times, strict=True)
        ]
        _send(settings, "customers", rows)
        done = zip(names, found[TARGET].tolist(), strict=True)
        _send(settings, "outcomes", [{"id": name, TARGET: did} for name, did in done])
    produce(
        settings.kafka_bootstrap,
        settings.topic_customers,
        [EVIL.encode(), json.encode({**rows[0], FEATURES[0]: EVIL}), b"\xff\xfe", None],
        key=EVIL.encode(),
        headers={EVIL: EVIL.encode()},
    )
    now = round(time.time() * 1000)
    told = [
        {"id": kind, "kind": kind, "at": now + place, "model": "m", "words": words, **more}
        for place, (kind, words, more) in enumerate(STEPS)
    ]
    produce(
        settings.kafka_bootstrap, settings.topic_lifecycle, [json.encode(each) for each in told]
    )


def _seen(settings: MonitoringSettings) -> bool:
    known = windows(settings).values()
    return len([each for each in known if each["labelled"]]) >= CALM + DRIFTED - 1


def _send(settings: MonitoringSettings, topic: str, events: list[dict[str, Any]]) -> None:
    name = getattr(settings, f"topic_{topic}")
    produce(settings.kafka_bootstrap, name, [json.encode(each) for each in events])


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        dict(zip(FEATURES, row, strict=True)) for row in rows[[*FEATURES]].itertuples(index=False)
    ]
