"""Whatever a window holds, there is a finding with a named reason."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from monitoring.drift.results import Finding, Reason
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import State
from tests.monitoring.drift.streams import FIRST, window

REFERENCE = window(np.random.default_rng(4), 1_000)
RULE = DriftRule(REFERENCE)


def finding(column: str, values: Any, rule: DriftRule = RULE) -> Finding:
    _, verdict = rule.check(State(), FIRST, {column: values})
    return verdict.findings[column]


@pytest.mark.parametrize("column", REFERENCE)
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], Reason.EMPTY),
        ([None] * 300, Reason.ALL_MISSING),
        (np.full(300, np.nan), Reason.ALL_MISSING),
        ([1] * 20, Reason.TOO_FEW_ROWS),
        ([1] * 300, Reason.CONSTANT),
        ([0, 1] * 300, Reason.COMPARED),
    ],
)
def test_a_window_has_its_reason(column: str, values: Any, reason: Reason) -> None:
    found = finding(column, values)
    assert found.reason is reason
    assert (found.effect is None) == (reason not in {Reason.CONSTANT, Reason.COMPARED})
    assert found.words


def test_missing_values_are_counted_and_the_others_compared() -> None:
    found = finding("Age", [40.0] * 100 + [41.0] * 100 + [None, np.nan, np.inf, "old"])
    assert (found.rows, found.missing, found.reason) == (200, 4, Reason.COMPARED)


def test_a_value_that_the_reference_does_not_have_is_named() -> None:
    found = finding("Gender", ["Female", "Male"] * 90 + ["?"] * 20)
    assert found.alarm
    assert "has a value unknown to the reference in 10.0% of the rows" in found.words


def test_a_number_that_is_a_label_is_the_same_with_and_without_a_point() -> None:
    ones = REFERENCE["Purchased"]
    assert finding("Purchased", ones.astype(float)) == finding("Purchased", ones)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([35.0] * 1_000, Reason.CONSTANT_REFERENCE),
        ([np.nan] * 1_000, Reason.NO_REFERENCE),
        ([], Reason.NO_REFERENCE),
    ],
)
def test_a_reference_that_says_nothing_is_a_reason(values: Any, reason: Reason) -> None:
    rule = DriftRule({**REFERENCE, "Age": values})
    assert finding("Age", REFERENCE["Age"], rule).reason is reason
    assert finding("AnnualSalary", REFERENCE["AnnualSalary"], rule).reason is Reason.COMPARED


def test_a_champion_that_always_says_no_is_compared() -> None:
    rule = DriftRule({**REFERENCE, "prediction": np.zeros(1_000, int)})
    assert not finding("prediction", np.zeros(1_000, int), rule).alarm
    assert finding("prediction", np.repeat([0, 1], 500), rule).alarm


def test_an_episode_stays_open_through_windows_with_nothing_to_compare() -> None:
    state, _ = RULE.check(State(), FIRST, {"Age": REFERENCE["Age"] + 9})
    _, verdict = RULE.check(state, FIRST + 1, {"Age": []})
    assert verdict.alarm
    assert verdict.findings["Age"].since == FIRST


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
    for rule in (RULE, DriftRule({column: reference})):
        state = State()
        for start in range(4):
            state, verdict = rule.check(state, start, {column: current})
            assert verdict.findings[column].reason in Reason
            assert not np.isnan(verdict.findings[column].effect or 0.0)
