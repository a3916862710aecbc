"""Outcomes wait for their due time, and none is lost."""

from hypothesis import given
from hypothesis import strategies as st

from producers.simulation import PendingOutcomes

FOREVER = float("inf")


def test_outcome_is_returned_at_its_due_time_and_not_before() -> None:
    pending = PendingOutcomes()
    pending.add_outcome(2.0, b"a", b"1")
    assert pending.pop_due(1.999, max_outcomes=10) == []
    assert pending.pop_due(2.0, max_outcomes=10) == [(b"a", b"1")]
    assert pending.pop_due(FOREVER, max_outcomes=10) == []


def test_no_more_are_taken_than_asked_for() -> None:
    pending = PendingOutcomes()
    for number in range(3):
        pending.add_outcome(float(number), b"k", str(number).encode())
    assert [value for _, value in pending.pop_due(FOREVER, max_outcomes=2)] == [b"0", b"1"]
    assert [value for _, value in pending.pop_due(FOREVER, max_outcomes=2)] == [b"2"]


@given(st.lists(st.floats(0, 100)), st.lists(st.floats(0, 100)))
def test_none_is_lost_and_the_earliest_comes_first(due: list[float], looks: list[float]) -> None:
    pending = PendingOutcomes()
    for number, when in enumerate(due):
        pending.add_outcome(when, b"k", str(number).encode())
    found: list[float] = []
    for now in [*sorted(looks), FOREVER]:
        known = [due[int(value)] for _, value in pending.pop_due(now, max_outcomes=len(due) + 1)]
        assert all(when <= now for when in known)
        found += known
    assert found == sorted(due)
