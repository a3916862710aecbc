"""A closed window is compared with the champion's reference set, and summarised."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from prometheus_client import Histogram

from contract.schema import CARS
from contract.schema.cars import CustomerRecord
from contract.settings import load
from data.population import Population
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.reporting.reference import ReferenceSets
from monitoring.reporting.report_store import ReportStore
from monitoring.reporting.samples import sample_table, with_performance
from monitoring.reporting.window_evaluator import WindowEvaluator
from monitoring.settings import MonitoringSettings
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.summary import FAILED, REPORTED, TOO_SMALL
from monitoring.windows.window import ClosedWindow, SampleRow, WindowCounts
from tests.monitoring.builders import a_prediction
from tests.support.reference import reference_rows


@pytest.fixture
def evaluator(champion: dict[str, str], tmp_path: Path) -> WindowEvaluator:
    settings = load(MonitoringSettings, **champion, data_dir=tmp_path)
    seconds = Histogram("seconds", "Of a report.", registry=None)
    store = ReportStore(tmp_path, settings.model_name, max_windows=5, schema=CARS)
    return WindowEvaluator(store, ReferenceSets(settings, 1), DriftConfig(), 100, seconds)


def closed(start: int, rows: pd.DataFrame, predicted: bool = True) -> ClosedWindow:
    sample = [
        SampleRow(
            number,
            CustomerRecord(row["Gender"], row["Age"], row["AnnualSalary"], id=str(number)),
            a_prediction(str(number), prediction=row["prediction"], probability=row["probability"])
            if predicted
            else None,
        )
        for number, row in enumerate(rows.to_dict("records"))
    ]
    predicted_rows = len(rows) if predicted else 0
    counts = WindowCounts(len(rows), predicted_rows, predicted_rows, 0, 0, 1.0)
    empty = sample_table([], CARS)
    labels = LabelledWindow(start, start + 10, empty["id"].to_numpy(), empty["id"].to_numpy())
    return ClosedWindow(start, start + 10, counts, {}, {}, sample, labels)


def test_a_drifted_window_says_which_column_moved_and_has_its_report(
    evaluator: WindowEvaluator, tmp_path: Path
) -> None:
    window = closed(0, reference_rows(1_000, 1, Population(age_shift=8)))
    evaluation = evaluator.evaluate_window(window, sample_table(window.sample, CARS), DriftState())
    summary = evaluation.summary
    assert (summary.result, summary.model_version) == (REPORTED, "1")
    assert summary.columns["Age"].drifted
    assert "Age is" in summary.columns["Age"].message
    assert not summary.columns["Gender"].drifted
    assert (summary.dataset_drift, summary.drifted_columns) == (True, 1)
    assert (tmp_path / str(summary.report)).is_file()
    assert summary.estimated_accuracy is not None
    assert 0.5 < summary.estimated_accuracy.low < summary.estimated_accuracy.high < 1


def test_a_window_with_late_records_is_reported_anew_and_stays_in_alarm(
    evaluator: WindowEvaluator, tmp_path: Path
) -> None:
    def snapshots() -> set[str]:
        return {path.stem for path in tmp_path.glob("evidently/*/snapshots/*.json")}

    rows = reference_rows(1_000, 1, Population(age_shift=8))
    window = closed(0, rows[:500])
    first = evaluator.evaluate_window(window, sample_table(window.sample, CARS), DriftState())
    (earlier,) = snapshots()
    window = replace(closed(0, rows[500:]), revision=1)  # as many rows, and others
    table = sample_table(window.sample, CARS)
    again = evaluator.evaluate_window(window, table, first.state, first.summary)
    assert (again.summary.revision, again.summary.rows, again.results) == (1, 500, {})
    assert again.summary.columns["Age"].drifted
    assert again.summary.columns["Age"].message != first.summary.columns["Age"].message
    assert again.summary.report == first.summary.report
    (later,) = snapshots()
    assert later != earlier


def test_a_small_window_has_no_report_but_counts_for_the_rule(evaluator: WindowEvaluator) -> None:
    state = DriftState()
    for start in range(0, 100, 10):
        window = closed(start, reference_rows(60, start, Population(age_shift=8)))
        evaluation = evaluator.evaluate_window(window, sample_table(window.sample, CARS), state)
        state = evaluation.state
        assert (evaluation.summary.result, evaluation.summary.report) == (TOO_SMALL, None)
    assert evaluation.summary.columns["Age"].drifted


def test_without_a_scorer_the_features_are_compared(evaluator: WindowEvaluator) -> None:
    window = closed(0, reference_rows(300, 1), predicted=False)
    rows = sample_table(window.sample, CARS)
    summary = evaluator.evaluate_window(window, rows, DriftState()).summary
    assert summary.result == REPORTED
    assert set(summary.columns) == {"Gender", "Age", "AnnualSalary"}
    assert summary.estimated_accuracy is None


def test_an_empty_window_is_named_and_stops_nothing(evaluator: WindowEvaluator) -> None:
    window = closed(0, reference_rows(1, 1).iloc[:0])
    rows = sample_table(window.sample, CARS)
    summary = evaluator.evaluate_window(window, rows, DriftState()).summary
    assert (summary.result, summary.dataset_drift) == (TOO_SMALL, False)


def test_a_report_that_cannot_be_made_is_named_and_stops_nothing(
    evaluator: WindowEvaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("an odd window")

    monkeypatch.setattr(
        "monitoring.reporting.window_evaluator.EvidentlyReporter.report_features", broken
    )
    window = closed(0, reference_rows(300, 1))
    rows = sample_table(window.sample, CARS)
    summary = evaluator.evaluate_window(window, rows, DriftState()).summary
    assert (summary.result, summary.report) == (FAILED, None)
    assert "Age" in summary.columns


def test_outcomes_of_an_older_window_do_not_show_there_what_later_windows_are_like(
    evaluator: WindowEvaluator,
) -> None:
    state, summaries = DriftState(), []
    usual, unwilling = Population(), Population(concept_shift=4)
    for start, population in ((0, usual), (10, unwilling)):
        window = closed(start, reference_rows(1_000, start, population))
        evaluation = evaluator.evaluate_window(window, sample_table(window.sample, CARS), state)
        rows = with_performance(reference_rows(1_000, start, population), CARS)
        evaluation = evaluator.evaluate_outcomes(evaluation.summary, rows, evaluation.state)
        state = evaluation.state
        summaries.append(evaluation.summary)
    first, second = summaries
    assert not first.columns["Purchased"].drifted
    assert second.columns["Purchased"].drifted
    rows = with_performance(reference_rows(1_000, 0, usual), CARS)
    again = evaluator.evaluate_outcomes(first, rows, state).summary
    assert again.columns["Purchased"] == first.columns["Purchased"]
