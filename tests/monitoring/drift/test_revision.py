"""A window that late records have updated: its means are replaced, and no alarm opens or ends."""

import numpy as np
import pytest

from contract.schema import CARS
from data.population import DATA_SET, Population
from monitoring.drift.columns import watched_columns
from monitoring.drift.results import AlarmChange
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import DriftState
from tests.monitoring.drift.streams import FIRST, MINUTE, Window, window, windows

OLDER = Population(age_shift=5)


def at(number: int) -> int:
    """Start of a window, ms."""
    return FIRST + number * MINUTE


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def rule(random: np.random.Generator) -> DriftRule:
    return DriftRule(window(random, 1_000), watched_columns(CARS))


def checked(rule: DriftRule, stream: list[Window]) -> DriftState:
    """The state after these windows."""
    state = DriftState()
    for number, each in enumerate(stream):
        state, _ = rule.check(state, at(number), each)
    return state


def part(whole: Window, rows: int) -> Window:
    """The rows that came in time."""
    return {name: values[:rows] for name, values in whole.items()}


def test_next_window_is_checked_as_if_the_late_records_had_come_in_time(
    rule: DriftRule, random: np.random.Generator
) -> None:
    first, second, third = windows(random, [DATA_SET, OLDER, OLDER], rows=300)
    in_time = checked(rule, [first, part(second, 60)])
    revised, _ = rule.revise(in_time, at(1), second)
    state, result = rule.check(revised, at(2), third)
    whole = checked(rule, [first])
    whole, _ = rule.check(whole, at(1), second)
    assert state.columns["Age"].windows == rule.check(whole, at(2), third)[0].columns["Age"].windows
    assert result.columns["Age"].change is AlarmChange.OPENED
    assert result.columns["Age"].started_at == at(1)


def test_no_alarm_opens_with_late_records(rule: DriftRule, random: np.random.Generator) -> None:
    usual, drifted = windows(random, [DATA_SET, OLDER])
    state, result = rule.revise(checked(rule, [usual]), at(0), drifted)
    assert state.columns["Age"].started_at is None
    assert (result.columns["Age"].alarm, result.drifted_columns) == (False, ())
    assert result.columns["Age"].effect_size == pytest.approx(0.5, abs=0.1)


def test_no_alarm_ends_with_late_records(rule: DriftRule, random: np.random.Generator) -> None:
    drifted, *usual = windows(random, [OLDER] + [DATA_SET] * 4)
    state = checked(rule, [drifted, *usual[:2]])
    assert state.columns["Age"].started_at == at(0)
    revised, result = rule.revise(state, at(0), usual[2], in_alarm=["Age"])
    assert revised.columns["Age"].started_at == at(0)
    column = result.columns["Age"]
    assert (column.alarm, column.started_at, column.change) == (True, at(0), AlarmChange.NONE)
    assert column.message.endswith(", since window 2026-11-23 18:40 UTC.")
    revised, result = rule.check(revised, at(3), usual[3])
    assert result.columns["Age"].change is AlarmChange.RESOLVED


def test_a_window_is_compared_with_look_backs_that_end_with_it(
    rule: DriftRule, random: np.random.Generator
) -> None:
    first, second = windows(random, [DATA_SET, OLDER])
    _, alone = rule.check(DriftState(), at(0), first)
    _, result = rule.revise(checked(rule, [first, second]), at(0), first)
    assert result.columns["Age"].effect_size == alone.columns["Age"].effect_size
    assert result.columns["Age"].message == alone.columns["Age"].message


def test_windows_of_a_drift_that_has_ended_do_not_come_back(
    rule: DriftRule, random: np.random.Generator
) -> None:
    stream = windows(random, [OLDER] * 3 + [DATA_SET] * 4)
    state = checked(rule, stream)
    assert state.columns["Age"].started_at is None
    assert state.columns["Age"].windows[0].start == at(3)
    assert rule.revise(state, at(1), stream[1])[0] == state
    again, result = rule.check(state, at(1), stream[1])
    assert again.columns["Age"] == state.columns["Age"]
    assert not result.columns["Age"].alarm


def test_a_state_of_another_reference_stays_as_it_is(
    rule: DriftRule, random: np.random.Generator
) -> None:
    other = DriftRule(window(random, 1_000), watched_columns(CARS))
    (usual,) = windows(random, [DATA_SET])
    state = checked(other, [usual])
    revised, result = rule.revise(state, at(0), usual)
    assert revised == state
    assert result.columns["Age"].effect_size is not None


def test_a_window_without_values_leaves_the_state_as_it_is(
    rule: DriftRule, random: np.random.Generator
) -> None:
    (usual,) = windows(random, [DATA_SET])
    state = checked(rule, [usual])
    revised, result = rule.revise(state, at(0), part(usual, 0))
    assert revised == state
    assert result.columns["Age"].effect_size is None
