import json

import numpy as np
import pytest

from data.population import DATA_SET, Population
from monitoring.drift.config import MEMORY, Tuning
from monitoring.drift.results import Change
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import State, decode, encode
from tests.monitoring.drift.streams import FIRST, MINUTE, run, window, windows

OLDER = Population(age_shift=5)
POPULATIONS = [DATA_SET] * 3 + [OLDER] * 10 + [DATA_SET] * 8


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def rule(random: np.random.Generator) -> DriftRule:
    return DriftRule(window(random, 1_000))


def test_an_episode_opens_once_and_resolves_once(
    rule: DriftRule, random: np.random.Generator
) -> None:
    changes = [each.findings["Age"].change for each in run(rule, windows(random, POPULATIONS))]
    assert changes.count(Change.OPENED) == changes.count(Change.RESOLVED) == 1
    assert changes.index(Change.OPENED) == 3
    assert 13 < changes.index(Change.RESOLVED) <= 15


def test_what_moved_by_how_much_and_since_when_is_said_in_words(
    rule: DriftRule, random: np.random.Generator
) -> None:
    finding = run(rule, windows(random, POPULATIONS[:8]))[-1].findings["Age"]
    assert finding.since == FIRST + 3 * MINUTE
    assert finding.difference == pytest.approx(5, abs=1)
    assert finding.difference is not None
    assert finding.effect is not None
    assert finding.effect == pytest.approx(5 / 10.2, abs=0.1)
    assert finding.words == (
        f"Age is {finding.difference:.1f} years ({finding.effect:.2f} standard deviations) higher "
        "than in the reference, since window 2026-11-23 18:43 UTC."
    )


def test_a_share_is_told_in_points(rule: DriftRule, random: np.random.Generator) -> None:
    verdict = run(rule, windows(random, [Population(share_of_men=0.7)] * 3))[-1]
    finding = verdict.findings["Gender"]
    assert verdict.drifted == ("Gender",)
    assert verdict.words == finding.words
    assert finding.reference is not None
    assert finding.difference is not None
    assert finding.difference == pytest.approx(0.2, abs=0.05)
    assert f"Gender is Male in {finding.reference + finding.difference:.1%}" in finding.words
    assert f"{100 * finding.difference:.1f} points" in finding.words


def test_a_drift_that_lasts_is_one_episode(random: np.random.Generator) -> None:
    opened, references = 0, 20
    for _ in range(references):
        rule = DriftRule(window(random, 1_000))
        verdicts = run(rule, windows(random, [Population(age_shift=3)] * 100, rows=200))
        opened += sum(each.findings["Age"].change is Change.OPENED for each in verdicts)
    assert opened <= references + 1


def test_a_restart_from_the_written_state_goes_on_with_the_same_verdicts(
    rule: DriftRule, random: np.random.Generator
) -> None:
    stream, state, again = windows(random, POPULATIONS), State(), State()
    for number, each in enumerate(stream):
        state, verdict = rule.check(state, FIRST + number * MINUTE, each)
        again, same = rule.check(decode(encode(again)), FIRST + number * MINUTE, each)
        assert same == verdict
    assert json.loads(encode(state))["reference"] == rule.reference


def test_the_state_is_bounded(rule: DriftRule, random: np.random.Generator) -> None:
    state, each = State(), window(random, 200)
    for number in range(2 * MEMORY):
        state, _ = rule.check(state, FIRST + number * MINUTE, each)
    assert {len(column.seen) for column in state.columns.values()} == {MEMORY}


def test_a_window_given_twice_counts_once(rule: DriftRule, random: np.random.Generator) -> None:
    first, second = windows(random, [OLDER] * 2)
    before, _ = rule.check(State(), FIRST, first)
    once, told = rule.check(before, FIRST + MINUTE, second)
    twice, told_again = rule.check(once, FIRST + MINUTE, second)
    assert (once, told.words) == (twice, told_again.words)


def test_outcomes_in_a_call_of_their_own_leave_the_features_as_they_are(
    rule: DriftRule, random: np.random.Generator
) -> None:
    whole = window(random, 1_000, OLDER)
    target = {"Purchased": whole.pop("Purchased")}
    state, features = rule.check(State(), FIRST, whole)
    later, outcomes = rule.check(state, FIRST, target)
    assert set(outcomes.findings) == {"Purchased"}
    assert later.columns["Age"] == state.columns["Age"]
    assert features.findings["Age"].alarm


def test_another_reference_forgets_the_windows_and_closes_the_episode_when_clean(
    rule: DriftRule, random: np.random.Generator
) -> None:
    state = State()
    for number, each in enumerate(windows(random, [OLDER] * 5)):
        state, _ = rule.check(state, FIRST + number * MINUTE, each)
    retrained = DriftRule(window(random, 1_000, OLDER))
    verdicts = run(retrained, windows(random, [OLDER] * 4), state)
    changes = [verdict.findings["Age"].change for verdict in verdicts]
    assert changes == [Change.NONE, Change.NONE, Change.RESOLVED, Change.NONE]


def test_one_absurd_record_moves_nothing(rule: DriftRule, random: np.random.Generator) -> None:
    each = window(random, 200)
    each["AnnualSalary"][7] = 10**9
    assert not run(rule, [each] * 3)[-1].alarm


def test_a_tolerated_difference_is_no_alarm_however_many_windows_show_it(
    random: np.random.Generator,
) -> None:
    reference = window(random, 100_000)
    rule = DriftRule(reference, tuning=Tuning(tolerance=0.2))
    verdicts = run(rule, windows(random, [Population(age_shift=1.8)] * 40))
    assert not any(verdict.alarm for verdict in verdicts)
    assert run(rule, windows(random, [Population(age_shift=2.8)] * 40))[-1].alarm
