"""Stops the worker when nearly every record is invalid: producer or schema is wrong. Pure."""

from collections import Counter, deque

from contract.errors import DeadLetterReason, TooManyDeadLetters
from stream_app.scoring.score import ScoredBatch


class DeadLetterLimit:
    """Limits the ratio of invalid records among the most recent records.

    The ratio is computed over the most recent batches: the fewest that together have `min_records`
    records. Null values count neither as records nor as invalid, because a compacted topic has one
    for each deleted key.

    Args:
        max_invalid_ratio: Ratio at which the limit is reached, 0 to 1.
        min_records: Minimum number of records over which the ratio is computed; with fewer, nothing
            is checked. 0 disables the limit.
    """

    def __init__(self, *, max_invalid_ratio: float, min_records: int) -> None:
        self._max_invalid_ratio = max_invalid_ratio
        self._min_records = min_records
        self._batches: deque[tuple[int, int]] = deque()

    def check_batch(self, scored: ScoredBatch) -> None:
        """Checks a batch before it is committed.

        Raises:
            TooManyDeadLetters: The limit is reached with this batch.
        """
        records, invalid = _count(scored)
        if not self._min_records or not invalid:
            return
        for more_records, more_invalid in reversed(self._batches):
            if records >= self._min_records:
                break
            records += more_records
            invalid += more_invalid
        if records >= self._min_records and invalid >= self._max_invalid_ratio * records:
            reasons = Counter(invalid.reason for invalid in scored.invalid.values())
            del reasons[DeadLetterReason.NULL_VALUE]
            ((reason, _),) = reasons.most_common(1)
            raise TooManyDeadLetters(
                f"{invalid:,} of the last {records:,} records do not match the schema (mostly "
                f"{reason}); nothing of the last batch was committed: fix the producer, or raise "
                "INTENT_DEAD_LETTER_MAX_RATIO, or set INTENT_DEAD_LETTER_MIN_RECORDS=0 to accept "
                "them as dead letters"
            )

    def add_committed_batch(self, scored: ScoredBatch) -> None:
        """Adds a committed batch, and drops batches that are no longer needed for the ratio."""
        if not self._min_records:
            return
        self._batches.append(_count(scored))
        while (
            sum(records for records, _ in self._batches) - self._batches[0][0] >= self._min_records
        ):
            self._batches.popleft()


def _count(scored: ScoredBatch) -> tuple[int, int]:
    """Number of records with a value, and how many of these are invalid."""
    nulls = sum(
        invalid.reason is DeadLetterReason.NULL_VALUE for invalid in scored.invalid.values()
    )
    return len(scored.timestamps) - nulls, len(scored.dead_letters) - nulls
