"""The ratio of invalid records, and the number of records, at which the worker stops."""

import numpy as np
import pytest

from contract.errors import DeadLetterReason, InvalidRecord, TooManyDeadLetters
from stream_app.scoring.dead_letter_limit import DeadLetterLimit
from stream_app.scoring.message import OutgoingMessage
from stream_app.scoring.score import ScoredBatch

MESSAGE: OutgoingMessage = {"key": None, "value": b""}


def scored(good: int, bad: int, nulls: int = 0) -> ScoredBatch:
    reasons = [DeadLetterReason.MISSING_FIELD] * bad + [DeadLetterReason.NULL_VALUE] * nulls
    return ScoredBatch(
        predictions=[MESSAGE] * good,
        dead_letters=[MESSAGE] * (bad + nulls),
        invalid={index: InvalidRecord(reason, "x") for index, reason in enumerate(reasons)},
        timestamps=np.zeros(good + bad + nulls, dtype=np.int64),
        step_seconds={},
    )


def take(limit: DeadLetterLimit, good: int, bad: int, nulls: int = 0) -> None:
    batch = scored(good, bad, nulls)
    limit.check_batch(batch)
    limit.add_committed_batch(batch)


def test_ratio_is_computed_over_the_most_recent_batches_with_enough_records() -> None:
    limit = DeadLetterLimit(max_invalid_ratio=0.5, min_records=10)
    take(limit, good=100, bad=0)
    take(limit, good=0, bad=4)
    take(limit, good=3, bad=2)
    with pytest.raises(TooManyDeadLetters, match=r"7 of the last 10 records .*\(mostly missing"):
        take(limit, good=0, bad=1)


def test_limit_is_not_checked_with_too_few_records() -> None:
    limit = DeadLetterLimit(max_invalid_ratio=0.5, min_records=10)
    take(limit, good=0, bad=9)


def test_limit_is_inclusive() -> None:
    take(DeadLetterLimit(max_invalid_ratio=0.5, min_records=10), good=6, bad=5)
    with pytest.raises(TooManyDeadLetters):
        take(DeadLetterLimit(max_invalid_ratio=0.5, min_records=10), good=5, bad=5)


def test_uncommitted_batch_does_not_count_twice() -> None:
    limit = DeadLetterLimit(max_invalid_ratio=0.9, min_records=10)
    for _ in range(5):
        limit.check_batch(scored(good=0, bad=9))
    take(limit, good=0, bad=9)


def test_old_batches_do_not_count() -> None:
    limit = DeadLetterLimit(max_invalid_ratio=0.5, min_records=10)
    take(limit, good=0, bad=9)
    take(limit, good=30, bad=0)
    take(limit, good=6, bad=4)


def test_min_records_of_zero_disables_the_limit() -> None:
    take(DeadLetterLimit(max_invalid_ratio=0.1, min_records=0), good=0, bad=1000)


def test_null_values_are_not_invalid() -> None:
    take(DeadLetterLimit(max_invalid_ratio=0.5, min_records=10), good=0, bad=0, nulls=1_500)


def test_invalid_records_are_not_hidden_by_null_values() -> None:
    limit = DeadLetterLimit(max_invalid_ratio=0.5, min_records=10)
    take(limit, good=0, bad=5, nulls=100)
    with pytest.raises(TooManyDeadLetters, match=r"10 of the last 10 records .*mostly missing"):
        take(limit, good=0, bad=5, nulls=100)


def test_null_values_do_not_count_earlier_invalid_records_again() -> None:
    limit = DeadLetterLimit(max_invalid_ratio=0.5, min_records=10)
    take(limit, good=0, bad=9)
    take(limit, good=1, bad=0)
    take(limit, good=0, bad=0, nulls=1)
