"""The pure part of the delivery check, on lists made by hand."""

from hypothesis import given
from hypothesis import strategies as st

from intent.local.delivery_counts import DeliveryCounts

records = st.tuples(st.integers(0, 3), st.integers(0, 50))


def test_records_with_one_result_each_have_no_fault() -> None:
    counts = DeliveryCounts({})
    counts.add_records([(0, 0), (0, 1), (1, 7)])
    counts.add_predictions([(1, 7), (0, 0)])
    counts.add_dead_letters([(0, 1)])

    assert counts.describe_faults() == ""
    assert (counts.predictions, counts.dead_letters) == (2, 1)


def test_record_without_a_result_is_missing() -> None:
    counts = DeliveryCounts({})
    counts.add_records([(0, 0), (0, 1), (1, 0)])
    counts.add_predictions([(0, 0)])

    assert counts.missing == [(0, 1), (1, 0)]
    assert "2 of 3 records are without a result (the first: partition 0, offset 1)" in (
        counts.describe_faults()
    )


def test_prediction_and_dead_letter_of_the_same_record_are_a_duplicate() -> None:
    counts = DeliveryCounts({})
    counts.add_records([(2, 5)])
    counts.add_predictions([(2, 5)])
    counts.add_dead_letters([(2, 5)])

    assert counts.duplicated == [(2, 5)]
    assert "with more than one result" in counts.describe_faults()


def test_tombstone_needs_no_result_and_must_have_none() -> None:
    counts = DeliveryCounts({})
    counts.add_records([(0, 0)])
    counts.add_predictions([(0, 0)])
    counts.add_tombstones([(0, 1), (0, 2)])
    assert counts.describe_faults() == ""

    counts.add_dead_letters([(0, 2)])
    assert "1 of 3 records are tombstones with a result (the first: partition 0, offset 2)" in (
        counts.describe_faults()
    )


def test_result_may_be_read_before_its_record() -> None:
    counts = DeliveryCounts({})
    counts.add_predictions([(0, 3)])
    counts.add_records([(0, 3)])

    assert counts.describe_faults() == ""


def test_results_of_records_from_before_the_run_are_ignored() -> None:
    counts = DeliveryCounts({0: 10})
    counts.add_predictions([(0, 9), (0, 9), (0, 10)])
    counts.add_records([(0, 10)])

    assert counts.describe_faults() == ""
    assert counts.predictions == 1


@given(st.sets(records), st.lists(records))
def test_missing_and_duplicated_agree_with_counting(
    records: set[tuple[int, int]], results: list[tuple[int, int]]
) -> None:
    counts = DeliveryCounts({})
    counts.add_predictions(results)
    counts.add_records(records)

    assert counts.missing == sorted(record for record in records if results.count(record) == 0)
    assert counts.duplicated == sorted(record for record in records if results.count(record) > 1)
