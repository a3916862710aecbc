"""Records are due in the requested number, and none early."""

import threading
import time

import numpy as np
import pytest

from producers.schedule import MAX_BATCH, Rate, due_times


@pytest.mark.parametrize("rate", [Rate(20_000.0), Rate(0.0)], ids=["at a rate", "at any rate"])
def test_so_many_records_are_due_as_were_asked_for(rate: Rate) -> None:
    records = 2 * MAX_BATCH + 17
    batches = list(due_times(rate, records, threading.Event()))
    assert sum(map(len, batches)) == records
    assert max(map(len, batches)) <= MAX_BATCH


def test_records_carry_the_times_of_the_rate_whenever_they_are_noticed() -> None:
    rate = Rate(500.0, burst_interval=0.1, burst_duration=0.05, burst_factor=3.0)
    due = np.concatenate(list(due_times(rate, 200, threading.Event())))
    np.testing.assert_array_equal(due, rate.times(0, 200))


def test_no_record_comes_before_it_is_due() -> None:
    began = time.monotonic()
    for due in due_times(Rate(1_000.0), 100, threading.Event()):
        assert (due <= time.monotonic() - began).all()


def test_unlimited_run_ends_when_stopped() -> None:
    stop = threading.Event()
    sent = 0
    for due in due_times(Rate(2_000.0), 0, stop):
        sent += len(due)
        if sent >= 50:
            stop.set()
    assert sent >= 50


def test_nothing_is_due_after_stop() -> None:
    stop = threading.Event()
    stop.set()
    assert not list(due_times(Rate(0.0), 10, stop))
