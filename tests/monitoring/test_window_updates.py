"""Late records of a closed window replace its figures, and add to none."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prometheus_client import Histogram

from contract import kafka
from contract.schema import CARS
from contract.schema.cars import CustomerRecord
from contract.shutdown import Shutdown
from contract.topics import topics
from data.population import DATA_SET, Population
from monitoring.alerts import alert_outbox
from monitoring.drift.config import DriftConfig
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.reporting.reference import ReferenceSets
from monitoring.reporting.report_store import ReportStore
from monitoring.reporting.samples import PendingSamples
from monitoring.reporting.window_archive import WindowArchive
from monitoring.reporting.window_evaluator import WindowEvaluator
from monitoring.reporting.window_index import WindowIndex
from monitoring.reporting.worker import ReportWorker
from monitoring.settings import MonitoringSettings
from monitoring.windows.batch import EventBatch
from monitoring.windows.decode import hash_ids
from monitoring.windows.pending_labels import PendingLabels
from monitoring.windows.tumbling import TumblingWindows
from monitoring.windows.window import ClosedWindow, WindowLimits
from tests.monitoring.builders import CUSTOMERS, PREDICTIONS, a_prediction, outcomes
from tests.support.builders import eventually
from tests.support.fixtures import SettingsFor
from tests.support.reference import reference_rows

LENGTH = 10
LIMITS = WindowLimits(sample_rows=5_000, open_ids=10_000, closed_ids=10_000)
EVER = float("inf")
OLDER = Population(age_shift=8)


class Stage:
    """Windows and their reports, without Kafka: what the main loop does with them."""

    def __init__(self, settings: MonitoringSettings) -> None:
        folder = settings.data_dir
        self.shutdown = Shutdown(threading.Event())
        self.metrics = MonitoringMetrics(CARS)
        self.archive = WindowArchive(folder, max_windows=20, schema=CARS)
        store = ReportStore(folder, settings.model_name, max_windows=20, schema=CARS)
        self.reports = ReportWorker(
            index=WindowIndex(folder, max_windows=20),
            archive=self.archive,
            samples=PendingSamples(max_windows=20, min_rows=10_000, schema=CARS),
            evaluator=WindowEvaluator(
                store,
                ReferenceSets(settings, 1),
                DriftConfig(),
                10_000,  # without Evidently
                Histogram("seconds", "Of a report.", registry=None),
            ),
            outbox=alert_outbox(settings),
            metrics=self.metrics,
            model=settings.model_name,
            schema=CARS,
            shutdown=self.shutdown,
        )
        self.labels = PendingLabels(20, 10_000, self.reports.restore_windows())
        self.windows = TumblingWindows(
            LENGTH,
            LIMITS,
            CARS.classes,
            closed_before=max((each.end for each in self.reports.summaries()), default=0),
            max_late_windows=20,
            closed=self.reports.closed_spans(),
        )

    def add(self, start: int, rows: pd.DataFrame, first: int = 0, predicted: int = 10_000) -> None:
        """Reads records of the window at `start`, at offsets from `first` on."""
        names = [f"{start}-{first + number}" for number in range(len(rows))]
        ids, times = hash_ids(names), np.full(len(rows), start)
        offsets = np.arange(first, first + len(rows))
        cells = [*zip(rows["Gender"], rows["Age"], rows["AnnualSalary"], strict=True)]
        records = [CustomerRecord(*each, id=name) for each, name in zip(cells, names, strict=True)]
        predictions = [a_prediction(name) for name in names[:predicted]]
        self.windows.add_customers(EventBatch(CUSTOMERS, offsets, ids, times, records))
        some = slice(len(predictions))
        self.windows.add_predictions(
            EventBatch(PREDICTIONS, offsets[some], ids[some], times[some], predictions)
        )

    def close(self, watermark: int) -> None:
        for window in self.windows.close_until(watermark):
            self.report(window)

    def update(self) -> None:
        late = self.windows.pop_late_records(EVER)
        assert late is not None
        state = self.reports.load_state(late.start)
        assert state is not None
        self.report(self.windows.update(late, state))

    def report(self, window: ClosedWindow) -> None:
        self.labels.add_window(window.labels)
        self.reports.submit_window(window)
        eventually(lambda: self.reports.is_idle or self.shutdown.requested)

    def update_labels(self) -> None:
        for window in self.labels.pop_changed_windows():
            self.reports.update_labels(window)

    def metric(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


@pytest.fixture
def settings(
    settings_for: SettingsFor, champion: dict[str, str], tmp_path: Path
) -> MonitoringSettings:
    made = settings_for(MonitoringSettings, **champion).model_copy(update={"data_dir": tmp_path})
    kafka.ensure_topics(made, topics(made))
    return made


@pytest.fixture
def stage(settings: MonitoringSettings) -> Iterator[Stage]:
    made = Stage(settings)
    yield made
    made.reports.stop()


def test_figures_of_a_window_are_replaced(stage: Stage) -> None:
    stage.add(0, reference_rows(300, 1), predicted=200)
    stage.close(10)
    stage.labels.add_outcomes(outcomes(["0-0", "0-1", "0-320"], [1, 0, 1]))
    stage.update_labels()
    assert stage.reports.summaries()[0].labelled_rows == 2
    stage.add(0, reference_rows(100, 2), first=300)
    stage.update()
    (window,) = stage.reports.summaries()
    assert (window.rows, window.joined, window.duplicates, window.revision) == (400, 300, 0, 1)
    assert (window.sample_rows, window.labelled_rows) == (400, 2)
    stage.update_labels()
    (window,) = stage.reports.summaries()
    assert (window.labelled_rows, window.accuracy) == (3, 2 / 3)
    assert stage.metric("intent_window_rows", joined="yes") == 300
    assert stage.metric("intent_window_rows", joined="no") == 100
    assert stage.metric("intent_windows_total", result="too_small") == 1
    assert stage.metric("intent_window_updates_total") == 1
    assert stage.metric("intent_unjoined_events_total", event="customer") == 100
    state = stage.reports.checkpoint().drift
    assert [(each.start, each.rows) for each in state.columns["Age"].windows] == [(0, 400)]


def test_late_records_neither_raise_nor_resolve_an_alert_twice(stage: Stage) -> None:
    for start, population in ((0, OLDER), (10, DATA_SET), (20, DATA_SET)):
        stage.add(start, reference_rows(300, start, population))
        stage.close(start + 10)
    (firing,) = stage.reports.checkpoint().alerts
    assert (firing.kind, firing.status, firing.started_at) == ("data_drift", "firing", 0)
    for first in (300, 600):
        stage.add(0, reference_rows(300, first, OLDER), first)
        stage.update()
    assert stage.reports.checkpoint().alerts == (firing,)
    starts = range(30, 120, 10)
    for start in starts:
        stage.add(start, reference_rows(300, start))
        stage.close(start + 10)
    assert [each.status for each in stage.reports.checkpoint().alerts] == ["firing", "resolved"]
    for start in (0, 110):
        stage.add(start, reference_rows(2_000, start, OLDER), first=2_000)
        stage.update()
    assert len(stage.reports.checkpoint().alerts) == 2
    assert stage.reports.checkpoint().incidents == {}
    newest, *_, oldest = stage.reports.summaries()
    assert (newest.rows, oldest.rows) == (2_300, 2_900)
    assert oldest.columns["Age"].drifted


def test_update_that_was_killed_before_its_records_were_on_disk_is_repeated(
    stage: Stage, settings: MonitoringSettings
) -> None:
    stage.add(0, reference_rows(300, 1))
    stage.close(10)
    stage.add(0, reference_rows(100, 2), first=300)
    part = settings.data_dir / f"{0:015d}.part"
    part.symlink_to("/dev/full")
    stage.update()
    with pytest.raises(OSError, match="No space left"):
        stage.shutdown.check()
    stage.reports.stop()
    assert [*stage.reports.required_offsets()] == [{CUSTOMERS: 300, PREDICTIONS: 300}]
    part.unlink()
    again = Stage(settings)
    (window,) = again.reports.summaries()
    assert (window.rows, window.revision) == (400, 1)
    again.add(0, reference_rows(300, 1))
    assert again.windows.pop_late_records(EVER) is None
    again.add(0, reference_rows(100, 2), first=300)
    again.update()
    (window,) = again.reports.summaries()
    assert (window.rows, window.joined, window.duplicates, window.revision) == (400, 400, 0, 1)
    assert [*again.reports.required_offsets()] == []
    again.add(0, reference_rows(100, 2), first=300)
    assert again.windows.pop_late_records(EVER) is None
    again.reports.stop()
