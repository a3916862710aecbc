"""A closed window against the champion's reference set: what its summary then says."""

from pathlib import Path

import pandas as pd
import pytest
from prometheus_client import Histogram

from contract.schema.cars import CustomerRecord
from contract.settings import load
from data.population import Population
from monitoring.drift.config import Tuning
from monitoring.drift.state import State
from monitoring.reporting.evaluator import Comparison
from monitoring.reporting.reference import References
from monitoring.reporting.report_store import Shelf
from monitoring.reporting.samples import table as sample_table
from monitoring.reporting.samples import with_correct
from monitoring.settings import MonitoringSettings
from monitoring.windows.labelled_window import Labels
from monitoring.windows.summary import FAILED, REPORTED, TOO_SMALL
from monitoring.windows.window import ClosedWindow, Counts, Row
from tests.monitoring.builders import a_prediction
from tests.support.reference import table


@pytest.fixture
def comparison(champion: dict[str, str], tmp_path: Path) -> Comparison:
    settings = load(MonitoringSettings, **champion, data_dir=tmp_path)
    seconds = Histogram("seconds", "Of a report.", registry=None)
    shelf = Shelf(tmp_path, settings.model_name, kept=5)
    return Comparison(shelf, References(settings, 1), Tuning(), 100, seconds)


def closed(start: int, rows: pd.DataFrame, predicted: bool = True) -> ClosedWindow:
    sample = [
        Row(
            number,
            CustomerRecord(row["Gender"], row["Age"], row["AnnualSalary"], id=str(number)),
            a_prediction(str(number), prediction=row["prediction"], probability=row["probability"])
            if predicted
            else None,
        )
        for number, row in enumerate(rows.to_dict("records"))
    ]
    known = len(rows) if predicted else 0
    counts = Counts(len(rows), known, known, 0, 0, 1.0)
    nothing = sample_table([])
    labels = Labels(start, start + 10, nothing["id"].to_numpy(), nothing["id"].to_numpy())
    return ClosedWindow(start, start + 10, counts, {}, {}, sample, labels)


def test_a_drifted_window_says_which_column_moved_and_has_its_report(
    comparison: Comparison, tmp_path: Path
) -> None:
    window = closed(0, table(1_000, 1, Population(age_shift=8)))
    compared = comparison.window(window, sample_table(window.sample), State())
    summary = compared.summary
    assert (summary.result, summary.model_version) == (REPORTED, "1")
    assert summary.columns["Age"].drifted
    assert "Age is" in summary.columns["Age"].words
    assert not summary.columns["Gender"].drifted
    assert (summary.dataset_drift, summary.drifted_columns) == (True, 1)
    assert (tmp_path / str(summary.report)).is_file()
    assert summary.expected_accuracy is not None
    assert 0.5 < summary.expected_accuracy.low < summary.expected_accuracy.high < 1


def test_a_small_window_has_no_report_but_counts_for_the_rule(comparison: Comparison) -> None:
    state = State()
    for start in range(0, 100, 10):
        window = closed(start, table(60, start, Population(age_shift=8)))
        compared = comparison.window(window, sample_table(window.sample), state)
        state = compared.state
        assert (compared.summary.result, compared.summary.report) == (TOO_SMALL, None)
    assert compared.summary.columns["Age"].drifted


def test_without_a_scorer_the_features_are_compared(comparison: Comparison) -> None:
    window = closed(0, table(300, 1), predicted=False)
    summary = comparison.window(window, sample_table(window.sample), State()).summary
    assert summary.result == REPORTED
    assert set(summary.columns) == {"Gender", "Age", "AnnualSalary"}
    assert summary.expected_accuracy is None


def test_an_empty_window_is_named_and_stops_nothing(comparison: Comparison) -> None:
    window = closed(0, table(1, 1).iloc[:0])
    summary = comparison.window(window, sample_table(window.sample), State()).summary
    assert (summary.result, summary.dataset_drift) == (TOO_SMALL, False)


def test_a_report_that_cannot_be_made_is_named_and_stops_nothing(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("an odd window")

    monkeypatch.setattr("monitoring.reporting.evaluator.Reporter.features", broken)
    window = closed(0, table(300, 1))
    summary = comparison.window(window, sample_table(window.sample), State()).summary
    assert (summary.result, summary.report) == (FAILED, None)
    assert "Age" in summary.columns


def test_outcomes_of_an_older_window_do_not_show_there_what_later_windows_are_like(
    comparison: Comparison,
) -> None:
    state, summaries = State(), []
    usual, unwilling = Population(), Population(reluctance=4)
    for start, population in ((0, usual), (10, unwilling)):
        window = closed(start, table(1_000, start, population))
        compared = comparison.window(window, sample_table(window.sample), state)
        rows = with_correct(table(1_000, start, population))
        compared = comparison.outcomes(compared.summary, rows, compared.state)
        state = compared.state
        summaries.append(compared.summary)
    first, second = summaries
    assert not first.columns["Purchased"].drifted
    assert second.columns["Purchased"].drifted
    rows = with_correct(table(1_000, 0, usual))
    again = comparison.outcomes(first, rows, state).summary
    assert again.columns["Purchased"] == first.columns["Purchased"]
