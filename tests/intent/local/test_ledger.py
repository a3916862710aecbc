"""The pure part of the audit, on lists made by hand."""

from hypothesis import given
from hypothesis import strategies as st

from intent.local.ledger import Ledger

places = st.tuples(st.integers(0, 3), st.integers(0, 50))


def test_each_record_with_one_answer_leaves_no_fault() -> None:
    ledger = Ledger({})
    ledger.expect([(0, 0), (0, 1), (1, 7)])
    ledger.predicted([(1, 7), (0, 0)])
    ledger.dead_lettered([(0, 1)])

    assert ledger.fault() == ""
    assert (ledger.predictions, ledger.dead_letters) == (2, 1)


def test_a_record_without_an_answer_is_missing() -> None:
    ledger = Ledger({})
    ledger.expect([(0, 0), (0, 1), (1, 0)])
    ledger.predicted([(0, 0)])

    assert ledger.missing == [(0, 1), (1, 0)]
    assert "2 of 3 records are without an answer (the first: partition 0, offset 1)" in (
        ledger.fault()
    )


def test_a_prediction_and_a_dead_letter_of_the_same_record_are_one_too_many() -> None:
    ledger = Ledger({})
    ledger.expect([(2, 5)])
    ledger.predicted([(2, 5)])
    ledger.dead_lettered([(2, 5)])

    assert ledger.doubled == [(2, 5)]
    assert "answered more than once" in ledger.fault()


def test_an_answer_may_be_read_before_its_record() -> None:
    ledger = Ledger({})
    ledger.predicted([(0, 3)])
    ledger.expect([(0, 3)])

    assert ledger.fault() == ""


def test_answers_to_records_from_before_the_run_are_let_pass() -> None:
    ledger = Ledger({0: 10})
    ledger.predicted([(0, 9), (0, 9), (0, 10)])
    ledger.expect([(0, 10)])

    assert ledger.fault() == ""
    assert ledger.predictions == 1


@given(st.sets(places), st.lists(places))
def test_missing_and_doubled_are_what_counting_says(
    records: set[tuple[int, int]], answers: list[tuple[int, int]]
) -> None:
    ledger = Ledger({})
    ledger.predicted(answers)
    ledger.expect(records)

    assert ledger.missing == sorted(place for place in records if answers.count(place) == 0)
    assert ledger.doubled == sorted(place for place in records if answers.count(place) > 1)
