"""Due times of records, and the progress of drift."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.schedule import DriftSchedule, Rate

rates = st.builds(
    Rate,
    base_rate=st.floats(0.5, 100_000),
    burst_interval=st.just(0.0) | st.floats(0.5, 100),
    burst_duration=st.floats(0.1, 200),
    burst_factor=st.floats(1, 50),
)


def test_steady_rate_spreads_its_records_evenly() -> None:
    assert Rate(4.0).due(2.5) == 10
    assert Rate(4.0).times(0, 4).tolist() == [0.25, 0.5, 0.75, 1.0]


def test_burst_comes_at_the_end_of_each_interval() -> None:
    rate = Rate(10.0, burst_interval=5.0, burst_duration=1.0, burst_factor=3.0)
    assert [rate.due(elapsed) for elapsed in (4.0, 5.0, 9.0, 10.0)] == [40, 70, 110, 140]
    assert rate.times(39, 3) == pytest.approx([4.0, 4 + 1 / 30, 4 + 2 / 30])
    assert rate.times(69, 2) == pytest.approx([5.0, 5.1])


def test_burst_as_long_as_its_interval_is_a_higher_rate() -> None:
    rate = Rate(10.0, burst_interval=2.0, burst_duration=9.0, burst_factor=3.0)
    assert rate.due(7.0) == 210
    assert rate.times(209, 1) == pytest.approx([7.0])


@given(rates, st.integers(0, 10_000_000), st.integers(1, 200))
def test_record_is_due_at_its_time_and_not_before(rate: Rate, first: int, count: int) -> None:
    for number, time in enumerate(rate.times(first, count).tolist(), start=first):
        assert rate.due(time * (1 + 1e-9) + 1e-9) >= number + 1
        assert rate.due(time * (1 - 1e-9) - 1e-9) <= number


@given(rates, st.integers(0, 1_000_000), st.lists(st.integers(0, 40), max_size=6))
def test_times_are_in_order_and_the_same_however_many_are_asked_for(
    rate: Rate, first: int, counts: list[int]
) -> None:
    whole = rate.times(first, sum(counts))
    assert (np.diff(whole) >= 0).all()
    starts = first + np.cumsum([0, *counts])
    parts = [rate.times(int(start), count) for start, count in zip(starts, counts, strict=False)]
    np.testing.assert_array_equal(np.concatenate([[], *parts]), whole)


def shares(drift: DriftSchedule, *elapsed: float) -> list[float]:
    return list(drift.fraction(np.array(elapsed)))


def test_without_a_beginning_there_is_no_drift() -> None:
    assert shares(DriftSchedule(), 0.0, 1e9) == [0, 0]
    assert shares(DriftSchedule(start=0, ramp=5), 0.0, 1e9) == [0, 0]


def test_sudden_drift_is_complete_when_it_comes() -> None:
    assert shares(DriftSchedule(start=60), 0.0, 59.999, 60.0, 1e9) == [0, 0, 1, 1]


def test_gradual_drift_grows_evenly_and_stays() -> None:
    assert shares(DriftSchedule(start=60, ramp=20), 0.0, 60.0, 65.0, 70.0, 80.0, 1e9) == [
        0, 0, 0.25, 0.5, 1, 1,
    ]  # fmt: skip


def test_drift_that_ends_leaves_the_population_as_it_was() -> None:
    assert shares(DriftSchedule(start=60, ramp=20, end=90), 0.0, 70.0, 89.9, 90.0, 1e9) == [
        0, 0.5, 1, 0, 0,
    ]  # fmt: skip
