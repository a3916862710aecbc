"""Dead letters by the topic: of which share, and of how many records, the worker stops."""

import numpy as np
import pytest

from contract.errors import InvalidRecord, Reason, TooManyDeadLetters
from stream_app.scoring.flood import Flood
from stream_app.scoring.message import Outgoing
from stream_app.scoring.score import Scored

MESSAGE: Outgoing = {"key": None, "value": b""}


def scored(good: int, bad: int) -> Scored:
    invalid = {index: InvalidRecord(Reason.MISSING_FIELD, "x") for index in range(bad)}
    return Scored(
        predictions=[MESSAGE] * good,
        dead_letters=[MESSAGE] * bad,
        invalid=invalid,
        created=np.zeros(good + bad, dtype=np.int64),
        seconds={},
    )


def take(flood: Flood, good: int, bad: int) -> None:
    batch = scored(good, bad)
    flood.check(batch)
    flood.committed(batch)


def test_share_is_of_the_last_batches_that_hold_enough_records() -> None:
    flood = Flood(share=0.5, count=10)
    take(flood, good=100, bad=0)
    take(flood, good=0, bad=4)
    take(flood, good=3, bad=2)
    with pytest.raises(TooManyDeadLetters, match=r"7 of the last 10 records .*\(mostly missing"):
        take(flood, good=0, bad=1)


def test_too_few_records_are_never_too_bad() -> None:
    flood = Flood(share=0.5, count=10)
    take(flood, good=0, bad=9)


def test_share_is_reached_not_passed() -> None:
    take(Flood(share=0.5, count=10), good=6, bad=5)
    with pytest.raises(TooManyDeadLetters):
        take(Flood(share=0.5, count=10), good=5, bad=5)


def test_batch_that_was_not_committed_does_not_count_twice() -> None:
    flood = Flood(share=0.9, count=10)
    for _ in range(5):
        flood.check(scored(good=0, bad=9))
    take(flood, good=0, bad=9)


def test_old_batches_are_forgotten() -> None:
    flood = Flood(share=0.5, count=10)
    take(flood, good=0, bad=9)
    take(flood, good=30, bad=0)
    take(flood, good=6, bad=4)


def test_count_of_zero_lets_everything_pass() -> None:
    take(Flood(share=0.1, count=0), good=0, bad=1000)
