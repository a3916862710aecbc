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
        progress.taken()
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
        progress.taken()
        clock.now += 1
        progress.rewound()
        progress.turn()
        progress.nothing_there()
    assert progress.seconds == 10
    progress.taken()
    progress.committed()
    assert progress.seconds == 0


def test_batch_that_another_worker_took_over_is_forgotten() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.taken()
    progress.rewound()
    for _ in range(int(IDLE) + 2):
        clock.now += 1
        progress.turn()
        progress.nothing_there()
    assert progress.seconds == 0
