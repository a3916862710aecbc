"""Stops the worker where almost every record is bad: it is rather the producer, or we. Pure."""

from collections import Counter, deque

from contract.errors import DeadLetterReason, TooManyDeadLetters
from stream_app.scoring.score import Scored


class Flood:
    """The share of dead letters among the last records.

    It is that of the last batches, the fewest of them that together hold `count` records; until
    there are so many, nothing is too much. A `count` of 0 lets everything pass. Null values count
    neither as records nor as bad: a compacted topic has one for each key that was deleted.
    """

    def __init__(self, share: float, count: int) -> None:
        self._share = share
        self._count = count
        self._batches: deque[tuple[int, int]] = deque()

    def check(self, scored: Scored) -> None:
        """Raises `TooManyDeadLetters` if with this batch the share is reached."""
        records, bad = _size(scored)
        if not self._count or not bad:
            return
        for more, more_bad in reversed(self._batches):
            if records >= self._count:
                break
            records += more
            bad += more_bad
        if records >= self._count and bad >= self._share * records:
            reasons = Counter(invalid.reason for invalid in scored.invalid.values())
            del reasons[DeadLetterReason.NULL_VALUE]
            ((reason, _),) = reasons.most_common(1)
            raise TooManyDeadLetters(
                f"{bad:,} of the last {records:,} records do not fit the contract (mostly "
                f"{reason}), and nothing of the last batch is committed: see to the producer, or "
                "raise INTENT_DEAD_LETTER_MAX_RATIO or set INTENT_DEAD_LETTER_MIN_RECORDS=0 to let "
                "them pass"
            )

    def committed(self, scored: Scored) -> None:
        """Remembers a batch for as long as it counts."""
        if not self._count:
            return
        self._batches.append(_size(scored))
        while sum(records for records, _ in self._batches) - self._batches[0][0] >= self._count:
            self._batches.popleft()


def _size(scored: Scored) -> tuple[int, int]:
    """Records with a value, and how many of these are bad."""
    nulls = sum(
        invalid.reason is DeadLetterReason.NULL_VALUE for invalid in scored.invalid.values()
    )
    return len(scored.created) - nulls, len(scored.dead_letters) - nulls
