"""Outcomes find the window of their customer, late or early, once."""

from collections import Counter

import numpy as np

from monitoring.windows.batch import NO_OUTCOME
from monitoring.windows.decode import hash_ids
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.pending_labels import PendingLabels
from tests.monitoring.builders import OUTCOMES, outcomes


def labels(start: int, predicted: dict[str, int]) -> LabelledWindow:
    ids = hash_ids(list(predicted))
    order = np.argsort(ids)
    bits = np.array(list(predicted.values()), np.uint8)
    return LabelledWindow(start, start + 10, ids[order], bits[order])


def test_late_outcomes_change_the_performance_of_their_own_window() -> None:
    pending = PendingLabels(max_windows=5, max_outcomes=100)
    first, second = labels(0, {"a": 1, "b": 1}), labels(10, {"c": 0})
    pending.add_window(first)
    pending.add_window(second)
    assert pending.add_outcomes(outcomes(["a", "c"], [1, 1])) == Counter(labelled=2)
    assert first.confusion_matrix(2).accuracy == 1.0
    assert second.confusion_matrix(2).accuracy == 0.0
    assert pending.add_outcomes(outcomes(["b"], [0])) == Counter(labelled=1)
    assert first.confusion_matrix(2).accuracy == 0.5


def test_an_outcome_that_comes_twice_counts_once_and_the_first_one_stands() -> None:
    pending = PendingLabels(max_windows=5, max_outcomes=100)
    only = labels(0, {"a": 1})
    pending.add_window(only)
    assert pending.add_outcomes(outcomes(["a", "a"], [1, 0])) == Counter(labelled=1, duplicate=1)
    assert pending.add_outcomes(outcomes(["a"], [0])) == Counter(duplicate=1)
    assert only.confusion_matrix(2).accuracy == 1.0


def test_an_outcome_waits_for_its_window_to_close() -> None:
    pending = PendingLabels(max_windows=5, max_outcomes=100)
    assert pending.add_outcomes(outcomes(["a"], [1], first=7)) == Counter()
    assert pending.pending_outcomes == 1
    assert list(pending.required_offsets()) == [{OUTCOMES: 7}]
    assert pending.add_window(labels(0, {"a": 1})) == Counter(labelled=1)
    assert pending.pending_outcomes == 0


def test_an_outcome_whose_customer_never_arrives_is_counted_as_unmatched() -> None:
    pending = PendingLabels(max_windows=2, max_outcomes=100)
    pending.add_outcomes(outcomes(["nobody"], [1]))
    results = [pending.add_window(labels(start, {})) for start in (0, 10, 20)]
    assert sum(results, Counter()) == Counter(unmatched=1)
    assert pending.pending_outcomes == 0


def test_outcomes_beyond_the_limit_are_counted_and_memory_stays() -> None:
    pending = PendingLabels(max_windows=2, max_outcomes=10)
    names = [str(number) for number in range(25)]
    results = pending.add_outcomes(outcomes(names[:15], [1] * 15))
    results += pending.add_outcomes(outcomes(names[15:], [1] * 10, first=15))
    assert results == Counter(unmatched=15)
    assert pending.pending_outcomes == 10
    assert pending.add_window(labels(0, dict.fromkeys(names, 1))) == Counter(labelled=10)


def test_offsets_are_required_for_as_long_as_a_window_awaits_outcomes() -> None:
    pending = PendingLabels(max_windows=1, max_outcomes=100)
    pending.add_window(labels(0, {"a": 1, "b": 0}))
    pending.add_outcomes(outcomes(["b", "a"], [0, 1], first=5))
    assert list(pending.required_offsets()) == [{OUTCOMES: 5}]
    pending.add_window(labels(10, {}))
    assert list(pending.required_offsets()) == [{}]


def test_changed_windows_are_returned_once() -> None:
    pending = PendingLabels(max_windows=5, max_outcomes=100)
    only = labels(0, {"a": 1})
    pending.add_window(only)
    pending.add_outcomes(outcomes(["a"], [1]))
    assert pending.pop_changed_windows() == [only]
    assert pending.pop_changed_windows() == []


def test_outcomes_can_be_read_for_any_id() -> None:
    window = labels(0, {"a": 1, "b": 0})
    window.add_outcomes(outcomes(["a"], [1]))
    assert window.outcomes_of(hash_ids(["a", "b", "stranger"])).tolist() == [
        1,
        NO_OUTCOME,
        NO_OUTCOME,
    ]
    assert labels(0, {}).outcomes_of(hash_ids(["a"])).tolist() == [NO_OUTCOME]


def test_scores_are_those_of_the_confusion_matrix() -> None:
    window = labels(0, {"a": 1, "b": 1, "c": 1, "d": 0, "e": 0, "f": 0})
    window.add_outcomes(outcomes(["a", "b", "c", "d", "e"], [1, 1, 0, 1, 0]))
    measured = window.confusion_matrix(2)
    assert measured.rows == 5
    assert measured.accuracy == 3 / 5
    assert measured.precision == measured.recall == measured.f1 == 2 / 3
    nothing = labels(0, {"a": 0}).confusion_matrix(2)
    assert (nothing.rows, nothing.accuracy, nothing.f1) == (0, None, None)
