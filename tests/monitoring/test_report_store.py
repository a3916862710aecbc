"""Reports are stored in Evidently's workspace, each once."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from evidently.ui.service.base import SeriesFilter
from evidently.ui.service.storage.local.base import InMemoryDataStorage, LocalState
from evidently.ui.service.storage.local.watcher import WorkspaceDirHandler
from evidently.ui.workspace import Workspace
from watchdog.observers import Observer

from contract.schema import CARS
from monitoring.reporting.evidently_report import EvidentlyReporter
from monitoring.reporting.report_store import WORKSPACE, ReportId, ReportStore
from monitoring.reporting.samples import with_performance
from tests.support.builders import eventually
from tests.support.reference import reference_rows

START = 1_795_459_245_000
MINUTE = 60_000


@pytest.fixture
def store(tmp_path: Path) -> ReportStore:
    made = ReportStore(tmp_path, "car-purchase", max_windows=2, schema=CARS)
    made.open()
    return made


def listed(folder: Path) -> list[tuple[int, str, str]]:
    """Time (ms), name and project of every report that Evidently finds."""
    workspace = Workspace(str(folder / WORKSPACE))
    runs = [
        (project.name, workspace.get_run(project.id, run))
        for project in workspace.list_projects()
        for run in workspace.list_runs(project.id)
    ]
    return sorted(
        (round(run.timestamp.timestamp() * 1000), run.name, project) for project, run in runs
    )


def test_evidently_finds_each_report_under_its_model_and_its_windows_time(
    store: ReportStore, tmp_path: Path
) -> None:
    reporter = EvidentlyReporter(reference_rows(300, seed=1), store, CARS)
    rows = with_performance(reference_rows(200, seed=2), CARS)

    reporter.report_features(rows, ReportId(START, "features"))
    reporter.report_outcomes(rows, ReportId(START, "outcomes"))

    assert listed(tmp_path) == [
        (START, "features", "car-purchase"),
        (START, "outcomes", "car-purchase"),
    ]
    pages = {path.name for path in tmp_path.glob("*.html")}
    assert pages == {ReportId(START, "features").file_name, ReportId(START, "outcomes").file_name}


def test_the_service_behind_the_ui_finds_them_as_well(store: ReportStore, tmp_path: Path) -> None:
    reporter = EvidentlyReporter(reference_rows(300, seed=1), store, CARS)
    reporter.report_features(reference_rows(200, seed=2), ReportId(START, "features"))

    state = LocalState.load(str(tmp_path / WORKSPACE), None)
    ((project, runs),) = state.snapshots.items()
    assert state.projects[project].name == "car-purchase"
    assert [run.name for run in runs.values()] == ["features"]


def test_the_dashboard_has_the_drift_of_every_column_over_time(
    store: ReportStore, tmp_path: Path
) -> None:
    reporter = EvidentlyReporter(reference_rows(300, seed=1), store, CARS)
    for number in (0, 1):
        reporter.report_features(
            reference_rows(200, seed=number), ReportId(START + number * MINUTE, "features")
        )

    (project,) = Workspace(str(tmp_path / WORKSPACE)).list_projects()
    (panel,) = project.dashboard.model().panels
    storage = InMemoryDataStorage(str(tmp_path / WORKSPACE))
    series = [
        SeriesFilter(metric=each.metric, metric_labels=each.metric_labels, tags=[], metadata={})
        for each in panel.values
    ]
    data = asyncio.run(storage.get_data_series(project.id, series, None, None))
    assert {each.params["column"]: len(each.values) for each in data.series} == dict.fromkeys(
        ["Gender", "Age", "AnnualSalary", "prediction"], 2
    )


def test_an_open_ui_shows_a_new_report_and_drops_one_that_is_removed(
    store: ReportStore, tmp_path: Path
) -> None:
    reporter, rows = (
        EvidentlyReporter(reference_rows(300, seed=1), store, CARS),
        reference_rows(200, seed=2),
    )
    state = LocalState.load(str(tmp_path / WORKSPACE), None)
    observer = Observer()
    observer.schedule(WorkspaceDirHandler(state), str(tmp_path / WORKSPACE), recursive=True)
    observer.start()
    try:
        (shown,) = state.snapshots.values()
        reporter.report_features(rows, ReportId(START, "features"))
        eventually(lambda: len(shown) == 1)
        first = set(shown)
        for number in (1, 2):
            reporter.report_features(rows, ReportId(START + number * MINUTE, "features"))
        eventually(lambda: len(shown) == 2 and not first & set(shown))
    finally:
        observer.stop()
        observer.join()


def test_a_report_with_more_outcomes_takes_the_place_of_the_earlier_under_another_id(
    store: ReportStore, tmp_path: Path
) -> None:
    reporter = EvidentlyReporter(reference_rows(300, seed=1), store, CARS)
    rows, title = with_performance(reference_rows(200, seed=2), CARS), ReportId(START, "outcomes")
    reporter.report_features(rows, ReportId(START, "features"))

    reporter.report_outcomes(rows[:150], title)
    earlier = ids(tmp_path)
    reporter.report_outcomes(rows, title)

    assert len(listed(tmp_path)) == 2
    assert len(earlier & ids(tmp_path)) == 1, "the UI would go on showing what it knows"


def test_the_report_of_an_updated_window_takes_the_place_of_the_earlier_under_another_id(
    store: ReportStore, tmp_path: Path
) -> None:
    reporter = EvidentlyReporter(reference_rows(300, seed=1), store, CARS)
    rows = reference_rows(200, seed=2)
    reporter.report_features(rows, ReportId(START, "features"))
    earlier = ids(tmp_path)
    reporter.report_features(rows, ReportId(START, "features", revision=1))
    assert listed(tmp_path) == [(START, "features", "car-purchase")]
    assert not earlier & ids(tmp_path), "the UI would go on showing what it knows"


def test_a_window_that_a_restarted_process_reports_again_is_there_once(tmp_path: Path) -> None:
    for _ in range(2):
        reporter = EvidentlyReporter(
            reference_rows(300, seed=1),
            ReportStore(tmp_path, "car-purchase", max_windows=2, schema=CARS),
            CARS,
        )
        reporter.report_features(reference_rows(200, seed=2), ReportId(START, "features"))

    assert listed(tmp_path) == [(START, "features", "car-purchase")]


def test_only_the_reports_of_the_latest_windows_are_kept(
    store: ReportStore, tmp_path: Path
) -> None:
    reporter = EvidentlyReporter(reference_rows(300, seed=1), store, CARS)
    rows = with_performance(reference_rows(200, seed=2), CARS)
    for number in range(4):
        reporter.report_features(rows, ReportId(START + number * MINUTE, "features"))
        reporter.report_outcomes(rows, ReportId(START + number * MINUTE, "outcomes"))

    assert {time for time, *_ in listed(tmp_path)} == {START + 2 * MINUTE, START + 3 * MINUTE}
    assert len(listed(tmp_path)) == 4


def ids(folder: Path) -> set[UUID]:
    return {UUID(path.stem) for path in (folder / WORKSPACE).glob("*/snapshots/*.json")}
