"""A stuck worker is told from an idle one."""

from stream_app.progress import IDLE, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_worker_without_records_is_never_old() -> None:
    clock = Clock()
    progress = Progress(clock)
    for _ in range(1000):
        clock.now += 0.1
        progress.turn()
        progress.nothing_there()
    assert progress.seconds == 0


def test_age_is_that_of_the_oldest_batch_that_is_not_committed() -> None:
    clock = Clock()
    progress = Progress(clock)
    for _ in range(2):
        progress.turn()
        progress.taken({0}, full=False)
        clock.now += 1
    assert progress.seconds == 2
    progress.committed()
    assert progress.seconds == 1


def test_loop_that_is_blocked_shows_without_a_batch() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.turn()
    clock.now += 7
    assert progress.seconds == 7


def test_batch_that_is_aborted_again_and_again_gets_older() -> None:
    clock = Clock()
    progress = Progress(clock)
    for _ in range(10):
        progress.turn()
        progress.taken({0}, full=False)
        clock.now += 1
        progress.rewound()
        progress.turn()
        progress.nothing_there()
    assert progress.seconds == 10
    progress.taken({0}, full=False)
    progress.committed()
    assert progress.seconds == 0


def test_batch_that_another_worker_took_over_is_forgotten() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.taken({0}, full=False)
    progress.rewound()
    for _ in range(int(IDLE) + 2):
        clock.now += 1
        progress.turn()
        progress.nothing_there()
    assert progress.seconds == 0


def test_partition_that_has_records_and_delivers_none_gets_older() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.has_records({2})
    for _ in range(7):
        progress.turn()
        progress.nothing_there()
        clock.now += 1
    assert progress.seconds == 7
    assert progress.describe() == "partition 2 has records to read and none was taken for 7 s"
    progress.taken({2}, full=False)
    progress.committed()
    progress.turn()
    assert progress.seconds == 0


def test_partition_gets_older_while_the_others_deliver() -> None:
    clock = Clock()
    progress = Progress(clock)
    for _ in range(7):
        progress.turn()
        progress.has_records({1, 2})
        progress.taken({1}, full=False)
        progress.committed()
        clock.now += 1
    assert progress.seconds == 7


def test_partition_whose_records_are_queued_behind_those_of_others_is_not_stuck() -> None:
    clock = Clock()
    progress = Progress(clock)
    for _ in range(100):
        progress.turn()
        progress.has_records({1, 2})
        progress.taken({1}, full=True)
        progress.committed()
        clock.now += 1
    assert progress.seconds == 1


def test_partition_without_records_is_never_old() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.has_records({2})
    progress.nothing_there()
    clock.now += 7
    progress.has_records(set())
    progress.turn()
    assert progress.seconds == 0


def test_worker_that_waits_for_partitions_longer_than_a_rebalance_takes_gets_older() -> None:
    clock = Clock()
    progress = Progress(clock, rebalance=70)
    for _ in range(75):
        progress.turn()
        progress.nothing_there()
        progress.assigned(False)
        clock.now += 1
    progress.turn()
    assert progress.seconds == 5
    assert progress.describe() == (
        "the consumer group has assigned no partitions to this worker for 75 s"
    )
    progress.assigned(True)
    assert progress.seconds == 0
