"""Evidently really runs here: its scores, and odd windows that cost one report at most."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from contract.schema import CARS
from data.population import Population
from monitoring.drift.columns import PREDICTION
from monitoring.reporting.evidently_report import EvidentlyReporter
from monitoring.reporting.report_store import ReportId, ReportStore
from monitoring.reporting.samples import (
    ID_COLUMN,
    labelled_rows,
    sample_table,
    with_performance,
)
from tests.examples.deliveries import SCHEMA as NUMBERS
from tests.monitoring.deliveries import closed_window, deliveries
from tests.support.reference import reference_rows

FEATURES = ["Gender", "Age", "AnnualSalary", "prediction"]


FEATURES_REPORT, OUTCOMES_REPORT = (
    ReportId(1_795_459_245_000, "features"),
    ReportId(1_795_459_245_000, "outcomes"),
)


@pytest.fixture
def reporter(tmp_path: Path) -> EvidentlyReporter:
    return EvidentlyReporter(
        reference_rows(1_000, seed=1),
        ReportStore(tmp_path, "car-purchase", max_windows=3, schema=CARS),
        CARS,
    )


def test_a_drifted_population_is_further_away_than_the_same_one(
    reporter: EvidentlyReporter, tmp_path: Path
) -> None:
    unlabelled = ["Gender", "Age", "AnnualSalary", "prediction", "probability"]
    same = reporter.report_features(reference_rows(1_000, 2)[unlabelled], FEATURES_REPORT)
    older = reference_rows(1_000, 3, Population(age_shift=8, salary_factor=1.2, male_ratio=0.8))
    far = reporter.report_features(older[unlabelled], FEATURES_REPORT)
    assert list(same) == list(far) == FEATURES
    assert all(far[name] > 2 * same[name] for name in FEATURES)
    assert (tmp_path / FEATURES_REPORT.file_name).read_text().lstrip().startswith("<!DOCTYPE html>")


def test_outcomes_are_reported_with_the_performance(
    reporter: EvidentlyReporter, tmp_path: Path
) -> None:
    rows = with_performance(reference_rows(500, 4), CARS)
    scores = reporter.report_outcomes(rows, OUTCOMES_REPORT)
    assert 0 <= scores["Purchased"] < 0.1
    assert (tmp_path / OUTCOMES_REPORT.file_name).stat().st_size > 100_000


def test_without_predictions_the_features_are_compared(reporter: EvidentlyReporter) -> None:
    rows = reference_rows(300, 5)[["Gender", "Age", "AnnualSalary"]]
    assert list(reporter.report_features(rows, FEATURES_REPORT)) == FEATURES[:-1]


@pytest.mark.parametrize(
    "odd",
    [
        {"Gender": "Male"},
        {"Age": 40.0},
        {"prediction": 0},
        {"AnnualSalary": 0.0, "Age": 0.0},
    ],
    ids=str,
)
def test_a_constant_column_still_has_a_score(
    reporter: EvidentlyReporter, odd: dict[str, Any]
) -> None:
    rows = reference_rows(300, 6).assign(**odd).drop(columns="Purchased")
    scores = reporter.report_features(rows, FEATURES_REPORT)
    assert all(np.isfinite(score) for score in scores.values())


@pytest.mark.parametrize("label", [0, 1])
def test_outcomes_of_one_class_still_have_a_score(reporter: EvidentlyReporter, label: int) -> None:
    rows = with_performance(reference_rows(300, 7).assign(Purchased=label), CARS)
    assert reporter.report_outcomes(rows, OUTCOMES_REPORT)["Purchased"] > 0.1


def test_a_report_that_fails_leaves_no_partial_page(
    reporter: EvidentlyReporter, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match=r".+"):
        reporter.report_features(pd.DataFrame({"Age": []}), FEATURES_REPORT)
    assert not list(tmp_path.glob("*T*"))
    assert not list(tmp_path.rglob("snapshots/*"))


@pytest.mark.filterwarnings("ignore:R.2 score is not well-defined")  # of bins with one row
def test_numbers_are_reported_as_a_regression(tmp_path: Path) -> None:
    reference = deliveries(300, 10)[[*NUMBERS.features, "minutes", PREDICTION]]
    store = ReportStore(tmp_path, "delivery-minutes", max_windows=3, schema=NUMBERS)
    reporter = EvidentlyReporter(reference, store, NUMBERS)
    closed = closed_window(deliveries(300, 11), 0)
    sample = sample_table(closed.sample, NUMBERS)
    features = reporter.report_features(sample, ReportId(0, "features"))
    assert [*features] == [*NUMBERS.features, PREDICTION]
    actual = closed.labels.outcomes_of(sample[ID_COLUMN].to_numpy())
    judged = labelled_rows(sample, actual, NUMBERS)
    report_id = ReportId(0, "outcomes")
    assert reporter.report_outcomes(judged, report_id).keys() == {"minutes"}
    page = (tmp_path / report_id.file_name).read_text(encoding="utf-8")
    assert "Mean Absolute Error" in page or "MAE" in page
