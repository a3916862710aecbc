"""TumblingWindows of event time: what goes into which, and what becomes of the rest."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import BadSetting, DeadLetterReason
from contract.schema import CARS
from contract.settings import load
from monitoring.settings import MonitoringSettings
from monitoring.windows.batch import InvalidMessage
from monitoring.windows.tumbling import TumblingWindows, WindowExtension
from monitoring.windows.window import ClosedWindow, WindowLimits
from tests.monitoring.builders import CUSTOMERS, PREDICTIONS, customers, predictions

LIMITS = WindowLimits(sample_rows=100, open_ids=10_000, closed_ids=10_000)
EVER = float("inf")


def tumbling(
    length: int = 10, limits: WindowLimits = LIMITS, closed_before: int = 0
) -> TumblingWindows:
    return TumblingWindows(length, limits, CARS.classes, closed_before)


def rows(closed: list[ClosedWindow]) -> dict[int, int]:
    return {window.start: window.counts.rows for window in closed}


def test_event_time_decides_the_window_whatever_the_order() -> None:
    open_windows = tumbling()
    results = open_windows.add_customers(customers(["d", "a", "c", "b"], [25, 0, 10, 9]))
    assert results == Counter(windowed=4)
    assert rows(open_windows.close_until(EVER)) == {0: 2, 10: 1, 20: 1}


def test_a_window_closes_when_the_watermark_reaches_its_end() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a", "b"], [5, 15]))
    assert open_windows.close_until(9) == []
    assert rows(open_windows.close_until(10)) == {0: 1}
    assert rows(open_windows.close_until(EVER)) == {10: 1}


def test_a_record_for_a_closed_window_is_counted_as_late_and_changes_nothing() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a"], [5]))
    open_windows.close_until(10)
    assert open_windows.add_customers(customers(["b", "c"], [9, 10])) == Counter(late=1, windowed=1)
    assert rows(open_windows.close_until(EVER)) == {10: 1}


def test_a_window_names_the_partitions_whose_records_it_did_not_get() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a", "b"], [5, 15]))
    silent, held = ("customers", 1), ("customers", 2)
    first, second = open_windows.close_until(20, {silent: float("-inf"), held: 10})
    assert first.missing_partitions == [silent]
    assert second.missing_partitions == [silent, held]


def test_an_extended_window_names_the_missing_partitions_of_all_its_parts() -> None:
    extension = WindowExtension(min_rows=3, max_length=30)
    open_windows = TumblingWindows(10, LIMITS, CARS.classes, 0, extension)
    open_windows.add_customers(customers(["a", "b", "c"], [5, 15, 16]))
    assert open_windows.close_until(10, {CUSTOMERS: 5}) == []
    (extended,) = open_windows.close_until(20)
    assert (extended.end, extended.missing_partitions) == (20, [CUSTOMERS])


def test_a_window_that_nothing_came_for_is_over_as_well() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a"], [35]))
    open_windows.close_until(32)
    assert open_windows.add_customers(customers(["b"], [12])) == Counter(late=1)


def test_what_an_earlier_process_has_closed_is_not_opened_again() -> None:
    open_windows = tumbling(closed_before=20)
    results = open_windows.add_customers(customers(["a", "b"], [19, 20]))
    assert results == Counter(already_closed=1, windowed=1)
    assert rows(open_windows.close_until(EVER)) == {20: 1}


def test_join_counts_whoever_has_no_partner() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a", "b", "c"], [1, 2, 3]))
    open_windows.add_predictions(predictions(["b", "c", "d"], [2, 3, 4]))
    (closed,) = open_windows.close_until(EVER)
    assert (closed.counts.rows, closed.counts.predictions, closed.counts.joined) == (3, 3, 2)
    predicted = {row.customer.id for row in closed.sample if row.prediction}
    assert predicted == {"b", "c"}
    assert {row.customer.id for row in closed.sample} == {"a", "b", "c"}


def test_a_record_that_comes_twice_counts_once() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a", "b", "a"], [1, 2, 1]))
    open_windows.add_predictions(predictions(["a", "a"], [1, 1]))
    (closed,) = open_windows.close_until(EVER)
    counts = closed.counts
    assert (counts.rows, counts.duplicate_customers) == (2, 1)
    assert (counts.predictions, counts.duplicate_predictions, counts.joined) == (1, 1, 1)
    assert counts.counted_ratio == 1


def test_beyond_the_limit_ids_are_thinned_and_counts_stay_close() -> None:
    open_windows = tumbling(limits=WindowLimits(sample_rows=50, open_ids=2_000, closed_ids=500))
    names = [str(number) for number in range(10_000)]
    for first in range(0, 10_000, 500):
        part = names[first : first + 500]
        open_windows.add_customers(customers(part, [1] * 500))
        open_windows.add_predictions(predictions(part, [1] * 500))
    open_windows.add_customers(customers(names[:1_000], [1] * 1_000))
    (closed,) = open_windows.close_until(EVER)
    counts = closed.counts
    assert 0 < counts.counted_ratio < 0.2
    assert counts.rows + counts.duplicate_customers == 11_000
    assert abs(counts.rows - 10_000) < 500
    assert abs(counts.joined - 10_000) < 1_000
    assert len(closed.sample) == 50
    assert all(row.prediction for row in closed.sample)
    assert len(closed.labels.ids) == 500


def test_invalid_records_count_by_reason_in_the_window_of_their_timestamp() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a"], [5]))
    bad = [
        InvalidMessage(7, 4, DeadLetterReason.MISSING_FIELD),
        InvalidMessage(8, 12, DeadLetterReason.MISSING_FIELD),
    ]
    open_windows.add_invalid(CUSTOMERS, bad)
    first, second = open_windows.close_until(EVER)
    assert first.invalid == second.invalid == {"missing_field": 1}
    assert second.counts.rows == 0


def test_a_window_knows_from_where_to_read_it_again() -> None:
    open_windows = tumbling()
    open_windows.add_customers(customers(["a", "b"], [15, 5], first=70))
    open_windows.add_customers(customers(["c"], [5], first=3, partition=1))
    open_windows.add_predictions(predictions(["a"], [15], first=40))
    open_windows.add_customers(customers(["d", "e"], [5, 15], first=80))
    assert list(open_windows.required_offsets()) == [
        {CUSTOMERS: 71, ("customers", 1): 3},
        {CUSTOMERS: 70, PREDICTIONS: 40},
    ] or list(open_windows.required_offsets()) == [
        {CUSTOMERS: 70, PREDICTIONS: 40},
        {CUSTOMERS: 71, ("customers", 1): 3},
    ]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 99)), max_size=60), st.randoms())
def test_any_order_and_any_cut_into_batches_gives_the_same_windows(
    events: list[tuple[int, int]], random: object
) -> None:
    shuffled = events.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    at_once, one_by_one = (
        tumbling(limits=WindowLimits(5, 10_000, 10_000)),
        tumbling(limits=WindowLimits(5, 10_000, 10_000)),
    )
    at_once.add_customers(
        customers([f"{name}" for _, name in events], [name % 60 for _, name in events])
    )
    for _, name in shuffled:
        one_by_one.add_customers(customers([f"{name}"], [name % 60]))
    for left, right in zip(at_once.close_until(EVER), one_by_one.close_until(EVER), strict=True):
        assert left.counts == right.counts
        assert [row.id for row in left.sample] == [row.id for row in right.sample]
        assert np.array_equal(left.labels.ids, right.labels.ids)


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 30), st.integers(1, 2))
def test_estimates_contradict_neither_each_other_nor_what_was_counted(
    first: int, count: int, room: int, times: int
) -> None:
    open_windows = tumbling(limits=WindowLimits(sample_rows=5, open_ids=room, closed_ids=5))
    names = [f"{name}" for name in range(first, first + count)]
    came = names * times
    open_windows.add_customers(customers(came, [1] * len(came)))
    open_windows.add_predictions(predictions(names, [1] * len(names)))
    (closed,) = open_windows.close_until(EVER)
    counts = closed.counts
    assert 0 <= counts.joined <= min(counts.rows, counts.predictions)
    assert min(counts.rows, counts.predictions) >= 0
    assert min(counts.duplicate_customers, counts.duplicate_predictions) >= 0
    assert counts.rows + counts.duplicate_customers == len(came)


def extended(length: int = 10, min_rows: int = 3, max_length: int = 40) -> TumblingWindows:
    return TumblingWindows(
        length, LIMITS, CARS.classes, extension=WindowExtension(min_rows, max_length)
    )


def spans(closed: list[ClosedWindow]) -> list[tuple[int, int, int]]:
    return [(window.start, window.end, window.counts.rows) for window in closed]


def test_a_window_with_too_few_rows_is_extended_until_it_has_enough() -> None:
    open_windows = extended()
    open_windows.add_customers(customers(list("abcdefg"), [1, 11, 21, 31, 32, 33, 41]))
    assert open_windows.close_until(20) == []
    assert spans(open_windows.close_until(30)) == [(0, 30, 3)]
    assert spans(open_windows.close_until(40)) == [(30, 40, 3)]
    assert open_windows.close_until(50) == []
    assert len(open_windows) == 1
    assert spans(open_windows.close_until(EVER)) == [(40, 50, 1)]


def test_a_window_is_extended_up_to_a_length_and_not_over_a_gap() -> None:
    open_windows = extended(max_length=20)
    open_windows.add_customers(customers(list("abcd"), [1, 11, 21, 41]))
    assert spans(open_windows.close_until(20)) == [(0, 20, 2)]
    assert open_windows.close_until(30) == []
    assert spans(open_windows.close_until(40)) == [(20, 30, 1)]
    assert spans(open_windows.close_until(EVER)) == [(40, 50, 1)]


def test_a_record_for_a_complete_window_is_in_time_while_that_is_extended() -> None:
    open_windows = extended()
    open_windows.add_customers(customers(["a"], [1]))
    open_windows.close_until(10)
    assert open_windows.add_customers(customers(["b", "c"], [9, 10])) == Counter(windowed=2)
    assert spans(open_windows.close_until(EVER)) == [(0, 20, 3)]


def test_a_window_with_enough_rows_by_then_is_not_extended_after_all() -> None:
    open_windows = extended(min_rows=2)
    open_windows.add_customers(customers(["a"], [1]))
    open_windows.close_until(10)
    open_windows.add_customers(customers(["b", "c", "d"], [9, 10, 11]))
    assert spans(open_windows.close_until(EVER)) == [(0, 10, 2), (10, 20, 2)]


def test_an_extended_window_joins_what_the_ones_had_that_it_is_made_of() -> None:
    open_windows = extended(min_rows=4)
    open_windows.add_customers(customers(["a", "b"], [1, 2], first=5))
    open_windows.add_predictions(predictions(["a"], [1], model_version="1"))
    open_windows.add_customers(customers(["c", "a"], [11, 12], first=7))
    open_windows.add_predictions(
        predictions(["b", "c"], [2, 11], first=1, model_version="2", prediction=0)
    )
    open_windows.add_invalid(CUSTOMERS, [InvalidMessage(9, 13, DeadLetterReason.MISSING_FIELD)])
    assert open_windows.close_until(20) == []
    late = predictions(["a", "c"], [1, 11], model_version="3")
    assert open_windows.is_open(late).all(), (
        "a shadow's predictions may come when a window is complete"
    )
    open_windows.add_shadow_predictions(late)
    assert list(open_windows.required_offsets()) == [{CUSTOMERS: 5, PREDICTIONS: 0}]
    (closed,) = open_windows.close_until(EVER)
    assert (closed.counts.rows, closed.counts.joined, closed.counts.duplicate_customers) == (
        3,
        3,
        1,
    )
    assert closed.invalid == {"missing_field": 1}
    assert {row.customer.id for row in closed.sample} == {"a", "b", "c"}
    assert sorted(closed.labels.predicted.tolist()) == [0, 0, 1]
    assert closed.labels.paired is not None
    comparisons = closed.labels.paired.comparisons("m", (0, 20), np.full(3, 255, np.uint8))
    assert {(each.champion_version, each.shadow_version, each.rows) for each in comparisons} == {
        ("1", "3", 1),
        ("2", "3", 1),
    }


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 99)), max_size=60), st.data())
def test_whenever_windows_are_closed_they_are_extended_alike(
    events: list[tuple[int, int]], data: st.DataObject
) -> None:
    at_once, bit_by_bit = extended(), extended()
    names, times = [f"{name}" for _, name in events], [time for time, _ in events]
    at_once.add_customers(customers(names, times))
    bit_by_bit.add_customers(customers(names, times))
    closed = []
    for watermark in sorted(data.draw(st.lists(st.integers(0, 250), max_size=10))):
        closed += bit_by_bit.close_until(watermark)
    closed += bit_by_bit.close_until(EVER)
    expected = at_once.close_until(EVER)
    assert [(each.start, each.end, each.counts) for each in closed] == [
        (each.start, each.end, each.counts) for each in expected
    ]
    assert [[row.id for row in each.sample] for each in closed] == [
        [row.id for row in each.sample] for each in expected
    ]


@pytest.mark.parametrize(
    "settings", [{"sample_rows": 100}, {"window_min_rows": 6_000}, {"pending_label_max_ids": 1_000}]
)
def test_settings_with_which_no_window_gets_a_report_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(BadSetting, match="no window would ever get a report"):
        load(MonitoringSettings, **{"window_min_rows": 2_000, **settings})
