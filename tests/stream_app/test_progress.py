"""A stuck worker is distinguished from an idle one."""

from stream_app.progress import HOLD_SECONDS, IDLE_SECONDS, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_idle_worker_has_no_pending_work() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    for _ in range(1000):
        clock.now += 0.1
        progress.start_iteration()
        progress.add_empty_poll()
    assert progress.oldest_pending_seconds == 0


def test_age_is_that_of_the_oldest_uncommitted_batch() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    for _ in range(2):
        progress.start_iteration()
        progress.add_batch({0}, full=False)
        clock.now += 1
    assert progress.oldest_pending_seconds == 2
    progress.remove_committed_batch()
    assert progress.oldest_pending_seconds == 1


def test_blocked_loop_is_pending_work_even_without_a_batch() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.start_iteration()
    clock.now += 7
    assert progress.oldest_pending_seconds == 7


def test_batch_that_is_aborted_again_and_again_keeps_its_age() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    for _ in range(10):
        progress.start_iteration()
        progress.add_batch({0}, full=False)
        clock.now += 1
        progress.rewind_batches()
        progress.start_iteration()
        progress.add_empty_poll()
    assert progress.oldest_pending_seconds == 10
    progress.add_batch({0}, full=False)
    progress.remove_committed_batch()
    assert progress.oldest_pending_seconds == 0


def test_batch_that_another_worker_took_over_is_forgotten() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.add_batch({0}, full=False)
    progress.rewind_batches()
    for _ in range(int(IDLE_SECONDS) + 2):
        clock.now += 1
        progress.start_iteration()
        progress.add_empty_poll()
    assert progress.oldest_pending_seconds == 0


def test_partition_that_has_records_and_delivers_none_is_pending_work() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.set_partitions_with_records({2})
    for _ in range(7):
        progress.start_iteration()
        progress.add_empty_poll()
        clock.now += 1
    assert progress.oldest_pending_seconds == 7
    assert progress.describe() == "partition 2 has records to read, and none was delivered for 7 s"
    progress.add_batch({2}, full=False)
    progress.remove_committed_batch()
    progress.start_iteration()
    assert progress.oldest_pending_seconds == 0


def test_starved_partition_is_pending_work_while_others_deliver() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    for _ in range(7):
        progress.start_iteration()
        progress.set_partitions_with_records({1, 2})
        progress.add_batch({1}, full=False)
        progress.remove_committed_batch()
        clock.now += 1
    assert progress.oldest_pending_seconds == 7


def test_partition_whose_records_are_queued_behind_those_of_others_is_not_stuck() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    for _ in range(100):
        progress.start_iteration()
        progress.set_partitions_with_records({1, 2})
        progress.add_batch({1}, full=True)
        progress.remove_committed_batch()
        clock.now += 1
    assert progress.oldest_pending_seconds == 1


def test_partition_without_records_is_not_pending_work() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.set_partitions_with_records({2})
    progress.add_empty_poll()
    clock.now += 7
    progress.set_partitions_with_records(set())
    progress.start_iteration()
    assert progress.oldest_pending_seconds == 0


def test_wait_for_partitions_beyond_a_rebalance_is_pending_work() -> None:
    clock = Clock()
    progress = Progress(max_rebalance_seconds=70, clock=clock)
    for _ in range(75):
        progress.start_iteration()
        progress.add_empty_poll()
        progress.set_assigned(False)
        clock.now += 1
    progress.start_iteration()
    assert progress.oldest_pending_seconds == 5
    assert progress.describe() == (
        "the consumer group has not assigned partitions to this worker for 75 s"
    )
    progress.set_assigned(True)
    assert progress.oldest_pending_seconds == 0


def test_batch_that_waits_for_something_outside_is_not_pending_while_it_is_read_again() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.set_partitions_with_records({0})
    for _ in range(100):
        progress.start_iteration()
        progress.hold_batch({0}, "the registry does not answer")
        clock.now += HOLD_SECONDS / 3
        progress.rewind_batches()
        progress.add_empty_poll()
        assert progress.waits_for == "the registry does not answer"
        assert progress.oldest_pending_seconds == 0
    clock.now += HOLD_SECONDS
    assert progress.oldest_pending_seconds > HOLD_SECONDS, "the loop does not go on"
    assert not progress.waits_for
    progress.start_iteration()
    progress.hold_batch({0}, "the registry does not answer")
    progress.add_batch({0}, full=False)
    clock.now += 3
    assert progress.oldest_pending_seconds == 3, "it waits no longer"
