"""Closed windows that await outcomes, and outcomes that await their window. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from monitoring.windows.batch import Integers, OutcomeBatch, TopicPartition
from monitoring.windows.labelled_window import LabelledWindow, with_window
from monitoring.windows.tumbling import Results

LABELLED: Final = "labelled"
DUPLICATE: Final = "duplicate"
UNMATCHED: Final = "unmatched"


class PendingLabels:
    """Joins outcomes with the latest closed windows.

    An outcome without a window waits until as many windows have closed as are kept.

    Attributes:
        pending_outcomes: Outcomes that wait for their window to close.
    """

    def __init__(
        self, max_windows: int, max_outcomes: int, restored: Iterable[LabelledWindow] = ()
    ) -> None:
        """Starts from the windows of an earlier process, the oldest first.

        Args:
            max_windows: Closed windows that are kept.
            max_outcomes: Outcomes that may wait; the oldest beyond are counted as unmatched.
            restored: Windows that an earlier process had closed.
        """
        self._max_windows = max_windows
        self._windows = list(restored)[-max_windows:]
        self._max_outcomes = max_outcomes
        self._closed_windows = 0
        self._pending: defaultdict[TopicPartition, list[tuple[OutcomeBatch, Integers]]] = (
            defaultdict(list)
        )
        self.pending_outcomes = 0

    def add_outcomes(self, outcomes: OutcomeBatch) -> Results:
        """Joins outcomes with closed windows; the others wait, and are not counted yet."""
        results: Results = Counter()
        order = np.argsort(outcomes.ids, kind="stable")  # searching in order is far faster
        rest = OutcomeBatch(
            outcomes.partition,
            outcomes.offsets[order],
            outcomes.ids[order],
            outcomes.actual[order],
        )
        for window in reversed(self._windows):
            if not len(rest):
                break
            rest = _join(window, rest, results)
        if len(rest):
            batch = rest.select(np.argsort(rest.offsets))  # type: ignore[arg-type]
            since = np.full(len(batch), self._closed_windows, np.int64)
            self._pending[batch.partition].append((batch, since))
            self.pending_outcomes += len(batch)
            self._drop_beyond_limit(results)
        return results

    def add_window(self, window: LabelledWindow) -> Results:
        """Adds a window that has closed, and joins the outcomes that waited for it.

        One that late records have updated takes the place of the window without them.
        """
        results: Results = Counter()
        earlier = [each for each in self._windows if each.start == window.start]
        for each in earlier:
            window.take_over(each)
        self._windows = with_window(self._windows, window, self._max_windows)
        self._closed_windows += not earlier
        oldest = self._closed_windows - self._max_windows
        for partition in list(self._pending):
            outcomes, since = _merge(self._pending.pop(partition))
            matched, new = window.add_outcomes(outcomes)
            expired = ~matched & (since <= oldest)
            results[LABELLED] += new
            results[DUPLICATE] += int(matched.sum()) - new
            results[UNMATCHED] += int(expired.sum())
            waiting = ~(matched | expired)
            if waiting.any():
                self._pending[partition].append((outcomes.select(waiting), since[waiting]))
        self.pending_outcomes = sum(
            len(batch) for batches in self._pending.values() for batch, _ in batches
        )
        return results

    def pop_changed_windows(self) -> list[LabelledWindow]:
        """The windows for which outcomes arrived since the last call."""
        changed = [window for window in self._windows if window.changed]
        for window in changed:
            window.changed = False
        return changed

    def required_offsets(self) -> Iterator[dict[TopicPartition, int]]:
        """Offsets from which a restarted process must read to have all these outcomes again."""
        yield from (window.first_offsets for window in self._windows)
        for partition, batches in self._pending.items():
            yield {partition: min(int(batch.offsets.min()) for batch, _ in batches)}

    def _drop_beyond_limit(self, results: Results) -> None:
        while self.pending_outcomes > self._max_outcomes:
            partition = max(
                self._pending, key=lambda each: sum(len(batch) for batch, _ in self._pending[each])
            )
            outcomes, since = _merge(self._pending[partition])
            excess = min(self.pending_outcomes - self._max_outcomes, len(outcomes))
            keep = np.arange(len(outcomes)) >= excess
            self._pending[partition] = [(outcomes.select(keep), since[keep])]
            if not keep.any():
                del self._pending[partition]
            self.pending_outcomes -= excess
            results[UNMATCHED] += excess


def _join(window: LabelledWindow, outcomes: OutcomeBatch, results: Results) -> OutcomeBatch:
    """Adds the outcomes of a window to it. Returns the others."""
    matched, new = window.add_outcomes(outcomes)
    results[LABELLED] += new
    results[DUPLICATE] += int(matched.sum()) - new
    return outcomes.select(~matched)


def _merge(batches: list[tuple[OutcomeBatch, Integers]]) -> tuple[OutcomeBatch, Integers]:
    if len(batches) == 1:
        return batches[0]
    outcomes = [batch for batch, _ in batches]
    merged = OutcomeBatch(
        outcomes[0].partition,
        np.concatenate([batch.offsets for batch in outcomes]),
        np.concatenate([batch.ids for batch in outcomes]),
        np.concatenate([batch.actual for batch in outcomes]),
    )
    return merged, np.concatenate([since for _, since in batches])
