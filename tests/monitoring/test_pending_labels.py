"""Outcomes find the window of their customer, late or early, once."""

from collections import Counter

import numpy as np

from monitoring.windows.batch import UNKNOWN
from monitoring.windows.decode import hashes
from monitoring.windows.labelled_window import Labels
from monitoring.windows.pending_labels import History
from tests.monitoring.builders import OUTCOMES, outcomes


def labels(start: int, predicted: dict[str, int]) -> Labels:
    ids = hashes(list(predicted))
    order = np.argsort(ids)
    bits = np.array(list(predicted.values()), np.uint8)
    return Labels(start, start + 10, ids[order], bits[order])


def test_late_outcomes_change_the_performance_of_their_own_window() -> None:
    history = History(kept=5, pending_outcomes=100)
    first, second = labels(0, {"a": 1, "b": 1}), labels(10, {"c": 0})
    history.add(first)
    history.add(second)
    assert history.outcomes(outcomes(["a", "c"], [1, 1])) == Counter(labelled=2)
    assert first.performance().accuracy == 1.0
    assert second.performance().accuracy == 0.0
    assert history.outcomes(outcomes(["b"], [0])) == Counter(labelled=1)
    assert first.performance().accuracy == 0.5


def test_an_outcome_that_comes_twice_counts_once_and_the_first_one_stands() -> None:
    history = History(kept=5, pending_outcomes=100)
    only = labels(0, {"a": 1})
    history.add(only)
    assert history.outcomes(outcomes(["a", "a"], [1, 0])) == Counter(labelled=1, duplicate=1)
    assert history.outcomes(outcomes(["a"], [0])) == Counter(duplicate=1)
    assert only.performance().accuracy == 1.0


def test_an_outcome_waits_for_its_window_to_close() -> None:
    history = History(kept=5, pending_outcomes=100)
    assert history.outcomes(outcomes(["a"], [1], first=7)) == Counter()
    assert history.waiting == 1
    assert list(history.first_offsets()) == [{OUTCOMES: 7}]
    assert history.add(labels(0, {"a": 1})) == Counter(labelled=1)
    assert history.waiting == 0


def test_an_outcome_whose_customer_never_comes_is_counted_in_the_end() -> None:
    history = History(kept=2, pending_outcomes=100)
    history.outcomes(outcomes(["nobody"], [1]))
    fates = [history.add(labels(start, {})) for start in (0, 10, 20)]
    assert sum(fates, Counter()) == Counter(unmatched=1)
    assert history.waiting == 0


def test_outcomes_beyond_the_limit_are_counted_and_memory_stays() -> None:
    history = History(kept=2, pending_outcomes=10)
    names = [str(number) for number in range(25)]
    results = history.outcomes(outcomes(names[:15], [1] * 15))
    results += history.outcomes(outcomes(names[15:], [1] * 10, first=15))
    assert results == Counter(unmatched=15)
    assert history.waiting == 10
    assert history.add(labels(0, dict.fromkeys(names, 1))) == Counter(labelled=10)


def test_offsets_are_held_for_as_long_as_a_window_waits_for_outcomes() -> None:
    history = History(kept=1, pending_outcomes=100)
    history.add(labels(0, {"a": 1, "b": 0}))
    history.outcomes(outcomes(["b", "a"], [0, 1], first=5))
    assert list(history.first_offsets()) == [{OUTCOMES: 5}]
    history.add(labels(10, {}))
    assert list(history.first_offsets()) == [{}]


def test_changed_windows_are_told_once() -> None:
    history = History(kept=5, pending_outcomes=100)
    only = labels(0, {"a": 1})
    history.add(only)
    history.outcomes(outcomes(["a"], [1]))
    assert history.changed() == [only]
    assert history.changed() == []


def test_labels_answer_for_any_id() -> None:
    own = labels(0, {"a": 1, "b": 0})
    own.take(outcomes(["a"], [1]))
    assert own.of(hashes(["a", "b", "stranger"])).tolist() == [1, UNKNOWN, UNKNOWN]
    assert labels(0, {}).of(hashes(["a"])).tolist() == [UNKNOWN]


def test_performance_is_that_of_the_confusion_matrix() -> None:
    own = labels(0, {"a": 1, "b": 1, "c": 1, "d": 0, "e": 0, "f": 0})
    own.take(outcomes(["a", "b", "c", "d", "e"], [1, 1, 0, 1, 0]))
    measured = own.performance()
    assert measured.labelled == 5
    assert measured.accuracy == 3 / 5
    assert measured.precision == measured.recall == measured.f1 == 2 / 3
    nothing = labels(0, {"a": 0}).performance()
    assert (nothing.labelled, nothing.accuracy, nothing.f1) == (0, None, None)
