"""Whatever a window holds, there is a finding with a named status."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from contract.schema import CARS
from monitoring.drift.columns import watched_columns
from monitoring.drift.results import ColumnResult, ComparisonStatus
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import DriftState
from tests.monitoring.drift.streams import FIRST, window

REFERENCE = window(np.random.default_rng(4), 1_000)
RULE = DriftRule(REFERENCE, watched_columns(CARS))


def check(column: str, values: Any, rule: DriftRule = RULE) -> ColumnResult:
    _, result = rule.check(DriftState(), FIRST, {column: values})
    return result.columns[column]


@pytest.mark.parametrize("column", REFERENCE)
@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([], ComparisonStatus.EMPTY),
        ([None] * 300, ComparisonStatus.ALL_MISSING),
        (np.full(300, np.nan), ComparisonStatus.ALL_MISSING),
        ([1] * 20, ComparisonStatus.TOO_FEW_ROWS),
        ([1] * 300, ComparisonStatus.CONSTANT),
        ([0, 1] * 300, ComparisonStatus.COMPARED),
    ],
)
def test_a_window_has_its_status(column: str, values: Any, status: ComparisonStatus) -> None:
    result = check(column, values)
    assert result.status is status
    assert (result.effect_size is None) == (
        status not in {ComparisonStatus.CONSTANT, ComparisonStatus.COMPARED}
    )
    assert result.message


def test_missing_values_are_counted_and_the_others_compared() -> None:
    result = check("Age", [40.0] * 100 + [41.0] * 100 + [None, np.nan, np.inf, "old"])
    assert (result.rows, result.missing, result.status) == (200, 4, ComparisonStatus.COMPARED)


def test_a_value_that_the_reference_does_not_have_is_named() -> None:
    result = check("Gender", ["Female", "Male"] * 90 + ["?"] * 20)
    assert result.alarm
    assert "has a value that the reference does not have in 10.0% of the rows" in result.message


def test_a_number_that_is_a_label_is_the_same_with_and_without_a_point() -> None:
    ones = REFERENCE["Purchased"]
    assert check("Purchased", ones.astype(float)) == check("Purchased", ones)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([35.0] * 1_000, ComparisonStatus.CONSTANT_REFERENCE),
        ([np.nan] * 1_000, ComparisonStatus.NO_REFERENCE),
        ([], ComparisonStatus.NO_REFERENCE),
    ],
)
def test_a_reference_without_information_is_a_status(values: Any, status: ComparisonStatus) -> None:
    rule = DriftRule({**REFERENCE, "Age": values}, watched_columns(CARS))
    assert check("Age", REFERENCE["Age"], rule).status is status
    assert (
        check("AnnualSalary", REFERENCE["AnnualSalary"], rule).status is ComparisonStatus.COMPARED
    )


def test_a_champion_that_always_says_no_is_compared() -> None:
    rule = DriftRule({**REFERENCE, "prediction": np.zeros(1_000, int)}, watched_columns(CARS))
    assert not check("prediction", np.zeros(1_000, int), rule).alarm
    assert check("prediction", np.repeat([0, 1], 500), rule).alarm


def test_an_alarm_stays_open_through_windows_with_nothing_to_compare() -> None:
    state, _ = RULE.check(DriftState(), FIRST, {"Age": REFERENCE["Age"] + 9})
    _, result = RULE.check(state, FIRST + 1, {"Age": []})
    assert result.alarm
    assert result.columns["Age"].started_at == FIRST


values = some.none() | some.floats() | some.integers() | some.text(max_size=3) | some.booleans()


@settings(max_examples=300, deadline=None)
@given(
    current=some.lists(values, max_size=120),
    reference=some.lists(values, max_size=120),
    column=some.sampled_from(sorted(REFERENCE)),
)
def test_no_values_make_the_rule_raise(
    current: list[Any], reference: list[Any], column: str
) -> None:
    for rule in (RULE, DriftRule({column: reference}, watched_columns(CARS))):
        state = DriftState()
        for start in range(4):
            state, result = rule.check(state, start, {column: current})
            assert result.columns[column].status in ComparisonStatus
            assert not np.isnan(result.columns[column].effect_size or 0.0)
