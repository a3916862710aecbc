"""Closed windows that outcomes still come for, and outcomes that wait for their window. Pure."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from monitoring.windows.batch import Integers, Outcomes, Place
from monitoring.windows.labelled_window import Labels
from monitoring.windows.tumbling import Results

LABELLED: Final = "labelled"
DUPLICATE: Final = "duplicate"
UNMATCHED: Final = "unmatched"


class History:
    """The latest closed windows. An outcome waits while as many windows close as are kept."""

    def __init__(self, kept: int, pending_outcomes: int, restored: Iterable[Labels] = ()) -> None:
        """`restored` are the windows of an earlier process, the oldest first."""
        self._windows: deque[Labels] = deque(restored, kept)
        self._kept_outcomes = pending_outcomes
        self._closings = 0
        self._waiting: defaultdict[Place, list[tuple[Outcomes, Integers]]] = defaultdict(list)
        self.waiting = 0

    def outcomes(self, outcomes: Outcomes) -> Results:
        """Takes outcomes; returns what became of those that need not wait."""
        results: Results = Counter()
        order = np.argsort(outcomes.ids, kind="stable")  # searching in order is far faster
        rest = Outcomes(
            outcomes.place,
            outcomes.offsets[order],
            outcomes.ids[order],
            outcomes.actual[order],
        )
        for window in reversed(self._windows):
            if not len(rest):
                break
            rest = _labelled(window, rest, results)
        if len(rest):
            back = rest.where(np.argsort(rest.offsets))  # type: ignore[arg-type]
            since = np.full(len(back), self._closings, np.int64)
            self._waiting[back.place].append((back, since))
            self.waiting += len(back)
            self._forget_beyond_limit(results)
        return results

    def add(self, window: Labels) -> Results:
        """Takes a window that has closed; returns what became of the outcomes that waited."""
        results: Results = Counter()
        self._windows.append(window)
        self._closings += 1
        oldest = self._closings - (self._windows.maxlen or 0)
        for place in list(self._waiting):
            outcomes, since = _merged(self._waiting.pop(place))
            ours, news = window.take(outcomes)
            stale = ~ours & (since <= oldest)
            results[LABELLED] += news
            results[DUPLICATE] += int(ours.sum()) - news
            results[UNMATCHED] += int(stale.sum())
            stay = ~(ours | stale)
            if stay.any():
                self._waiting[place].append((outcomes.where(stay), since[stay]))
        self.waiting = sum(len(each) for parts in self._waiting.values() for each, _ in parts)
        return results

    def changed(self) -> list[Labels]:
        """The windows that outcomes came for since this was last asked."""
        found = [window for window in self._windows if window.changed]
        for window in found:
            window.changed = False
        return found

    def first_offsets(self) -> Iterator[dict[Place, int]]:
        """Where reading must start again to have all these outcomes again."""
        yield from (window.first for window in self._windows)
        for place, parts in self._waiting.items():
            yield {place: min(int(each.offsets.min()) for each, _ in parts)}

    def _forget_beyond_limit(self, results: Results) -> None:
        while self.waiting > self._kept_outcomes:
            place = max(self._waiting, key=lambda each: sum(len(o) for o, _ in self._waiting[each]))
            outcomes, since = _merged(self._waiting[place])
            excess = min(self.waiting - self._kept_outcomes, len(outcomes))
            keep = np.arange(len(outcomes)) >= excess
            self._waiting[place] = [(outcomes.where(keep), since[keep])]
            if not keep.any():
                del self._waiting[place]
            self.waiting -= excess
            results[UNMATCHED] += excess


def _labelled(window: Labels, outcomes: Outcomes, results: Results) -> Outcomes:
    """Gives a window its outcomes; returns the others."""
    ours, news = window.take(outcomes)
    results[LABELLED] += news
    results[DUPLICATE] += int(ours.sum()) - news
    return outcomes.where(~ours)


def _merged(parts: list[tuple[Outcomes, Integers]]) -> tuple[Outcomes, Integers]:
    if len(parts) == 1:
        return parts[0]
    chunks = [outcomes for outcomes, _ in parts]
    merged = Outcomes(
        chunks[0].place,
        np.concatenate([each.offsets for each in chunks]),
        np.concatenate([each.ids for each in chunks]),
        np.concatenate([each.actual for each in chunks]),
    )
    return merged, np.concatenate([since for _, since in parts])
