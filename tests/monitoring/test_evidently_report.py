"""Evidently, really run: scores, and odd windows that cost one report at most."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.population import Population
from monitoring.reporting.evidently_report import Reporter
from monitoring.reporting.report_store import Shelf, Title
from monitoring.reporting.samples import with_correct
from tests.support.reference import table

FEATURES = ["Gender", "Age", "AnnualSalary", "prediction"]


DRIFT, OUTCOMES = Title(1_795_459_245_000, "features"), Title(1_795_459_245_000, "outcomes")


@pytest.fixture
def reporter(tmp_path: Path) -> Reporter:
    return Reporter(table(1_000, seed=1), Shelf(tmp_path, "car-purchase", kept=3))


def test_a_drifted_population_is_further_away_than_the_same_one(
    reporter: Reporter, tmp_path: Path
) -> None:
    unlabelled = ["Gender", "Age", "AnnualSalary", "prediction", "probability"]
    same = reporter.features(table(1_000, 2)[unlabelled], DRIFT)
    older = table(1_000, 3, Population(age_shift=8, salary_factor=1.2, share_of_men=0.8))
    far = reporter.features(older[unlabelled], DRIFT)
    assert list(same) == list(far) == FEATURES
    assert all(far[name] > 2 * same[name] for name in FEATURES)
    assert (tmp_path / DRIFT.page).read_text().lstrip().startswith("<!DOCTYPE html>")


def test_outcomes_are_reported_with_the_performance(reporter: Reporter, tmp_path: Path) -> None:
    rows = with_correct(table(500, 4))
    scores = reporter.outcomes(rows, OUTCOMES)
    assert 0 <= scores["Purchased"] < 0.1
    assert (tmp_path / OUTCOMES.page).stat().st_size > 100_000


def test_without_predictions_the_features_are_compared(reporter: Reporter) -> None:
    rows = table(300, 5)[["Gender", "Age", "AnnualSalary"]]
    assert list(reporter.features(rows, DRIFT)) == FEATURES[:-1]


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
def test_a_constant_column_still_has_a_score(reporter: Reporter, odd: dict[str, Any]) -> None:
    rows = table(300, 6).assign(**odd).drop(columns="Purchased")
    scores = reporter.features(rows, DRIFT)
    assert all(np.isfinite(score) for score in scores.values())


@pytest.mark.parametrize("label", [0, 1])
def test_outcomes_of_one_class_still_have_a_score(reporter: Reporter, label: int) -> None:
    rows = with_correct(table(300, 7).assign(Purchased=label))
    assert reporter.outcomes(rows, OUTCOMES)["Purchased"] > 0.1


def test_a_report_that_fails_leaves_no_half_page(reporter: Reporter, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r".+"):
        reporter.features(pd.DataFrame({"Age": []}), DRIFT)
    assert not list(tmp_path.glob("*T*"))
    assert not list(tmp_path.rglob("snapshots/*"))
