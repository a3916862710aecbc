import msgspec
import numpy as np
import pytest

from contract.schema import CARS
from data.population import DATA_SET, Population
from monitoring.drift.columns import watched_columns
from monitoring.drift.config import MAX_LOOKBACK, DriftConfig
from monitoring.drift.results import AlarmChange
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import DriftState
from tests.monitoring.drift.streams import FIRST, MINUTE, check_all, window, windows

OLDER = Population(age_shift=5)
POPULATIONS = [DATA_SET] * 3 + [OLDER] * 10 + [DATA_SET] * 8


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def rule(random: np.random.Generator) -> DriftRule:
    return DriftRule(window(random, 1_000), watched_columns(CARS))


def test_an_alarm_opens_once_and_resolves_once(
    rule: DriftRule, random: np.random.Generator
) -> None:
    changes = [each.columns["Age"].change for each in check_all(rule, windows(random, POPULATIONS))]
    assert changes.count(AlarmChange.OPENED) == changes.count(AlarmChange.RESOLVED) == 1
    assert changes.index(AlarmChange.OPENED) == 3
    assert 13 < changes.index(AlarmChange.RESOLVED) <= 15


def test_message_says_what_moved_by_how_much_and_since_when(
    rule: DriftRule, random: np.random.Generator
) -> None:
    column = check_all(rule, windows(random, POPULATIONS[:8]))[-1].columns["Age"]
    assert column.started_at == FIRST + 3 * MINUTE
    assert column.difference == pytest.approx(5, abs=1)
    assert column.difference is not None
    assert column.effect_size is not None
    assert column.effect_size == pytest.approx(5 / 10.2, abs=0.1)
    assert column.message == (
        f"Age is {column.difference:.1f} years ({column.effect_size:.2f} standard deviations) "
        "higher than in the reference, since window 2026-11-23 18:43 UTC."
    )


def test_difference_of_a_share_is_in_percentage_points(
    rule: DriftRule, random: np.random.Generator
) -> None:
    result = check_all(rule, windows(random, [Population(male_ratio=0.7)] * 3))[-1]
    column = result.columns["Gender"]
    assert result.drifted_columns == ("Gender",)
    assert result.message == column.message
    assert column.reference_value is not None
    assert column.difference is not None
    assert column.difference == pytest.approx(0.2, abs=0.05)
    assert f"Gender is Male in {column.reference_value + column.difference:.1%}" in column.message
    assert f"{100 * column.difference:.1f} points" in column.message


def test_a_drift_that_lasts_is_one_alarm(random: np.random.Generator) -> None:
    opened, references = 0, 20
    for _ in range(references):
        rule = DriftRule(window(random, 1_000), watched_columns(CARS))
        results = check_all(rule, windows(random, [Population(age_shift=3)] * 100, rows=200))
        opened += sum(each.columns["Age"].change is AlarmChange.OPENED for each in results)
    assert opened <= references + 1


def test_a_restart_from_the_written_state_continues_with_the_same_results(
    rule: DriftRule, random: np.random.Generator
) -> None:
    stream, state, again = windows(random, POPULATIONS), DriftState(), DriftState()
    for number, each in enumerate(stream):
        state, result = rule.check(state, FIRST + number * MINUTE, each)
        again, same = rule.check(
            msgspec.json.decode(msgspec.json.encode(again), type=DriftState),
            FIRST + number * MINUTE,
            each,
        )
        assert same == result
    assert state.reference == rule.reference


def test_the_state_is_bounded(rule: DriftRule, random: np.random.Generator) -> None:
    state, each = DriftState(), window(random, 200)
    for number in range(2 * MAX_LOOKBACK):
        state, _ = rule.check(state, FIRST + number * MINUTE, each)
    assert {len(column.windows) for column in state.columns.values()} == {MAX_LOOKBACK}


def test_a_window_given_twice_counts_once(rule: DriftRule, random: np.random.Generator) -> None:
    first, second = windows(random, [OLDER] * 2)
    before, _ = rule.check(DriftState(), FIRST, first)
    once, second_result = rule.check(before, FIRST + MINUTE, second)
    twice, repeated_result = rule.check(once, FIRST + MINUTE, second)
    assert (once, second_result.message) == (twice, repeated_result.message)


def test_outcomes_in_a_call_of_their_own_leave_the_features_as_they_are(
    rule: DriftRule, random: np.random.Generator
) -> None:
    whole = window(random, 1_000, OLDER)
    target = {"Purchased": whole.pop("Purchased")}
    state, features = rule.check(DriftState(), FIRST, whole)
    later, outcomes = rule.check(state, FIRST, target)
    assert set(outcomes.columns) == {"Purchased"}
    assert later.columns["Age"] == state.columns["Age"]
    assert features.columns["Age"].alarm


def test_another_reference_forgets_the_windows_and_resolves_the_alarm_when_clean(
    rule: DriftRule, random: np.random.Generator
) -> None:
    state = DriftState()
    for number, each in enumerate(windows(random, [OLDER] * 5)):
        state, _ = rule.check(state, FIRST + number * MINUTE, each)
    retrained = DriftRule(window(random, 1_000, OLDER), watched_columns(CARS))
    results = check_all(retrained, windows(random, [OLDER] * 4), state)
    changes = [result.columns["Age"].change for result in results]
    assert changes == [AlarmChange.NONE, AlarmChange.NONE, AlarmChange.RESOLVED, AlarmChange.NONE]


def test_one_absurd_record_moves_nothing(rule: DriftRule, random: np.random.Generator) -> None:
    each = window(random, 200)
    each["AnnualSalary"][7] = 10**9
    assert not check_all(rule, [each] * 3)[-1].alarm


def test_a_tolerated_difference_is_no_alarm_in_any_number_of_windows(
    random: np.random.Generator,
) -> None:
    reference = window(random, 100_000)
    rule = DriftRule(reference, watched_columns(CARS), DriftConfig(tolerance=0.2))
    results = check_all(rule, windows(random, [Population(age_shift=1.8)] * 40))
    assert not any(result.alarm for result in results)
    assert check_all(rule, windows(random, [Population(age_shift=2.8)] * 40))[-1].alarm
