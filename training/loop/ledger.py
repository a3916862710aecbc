"""Comparisons, window by window -> how two versions compare in all that is known. Pure."""

from typing import Final

from contract.events import ShadowComparison
from training.gate.difference import Difference

MOST: Final = 20_000
"""Windows that are kept, two weeks of minutes; the oldest go first."""

Key = tuple[int, str, str]


class Ledger:
    """Of each window and pair of versions what is known best: that with most outcomes.

    So nothing need be remembered between processes: the topic is read again.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._windows: dict[Key, ShadowComparison] = {}

    def add(self, comparison: ShadowComparison) -> None:
        """Takes a comparison; of another model's it is not."""
        if comparison.model != self._model:
            return
        key = comparison.window_start, comparison.champion_version, comparison.shadow_version
        known = self._windows.get(key)
        if known is None or (known.labelled_rows, known.rows) < (
            comparison.labelled_rows,
            comparison.rows,
        ):
            self._windows[key] = comparison
        if len(self._windows) > MOST:
            del self._windows[min(self._windows)]

    def of_challenger(self, champion: str, challenger: str, since: int) -> Difference:
        """How much more often the challenger is right, in windows that ended after `since` (ms)."""
        found = self._of(champion, challenger, since)
        return Difference.of_counts(
            better=sum(each.shadow_only_correct for each in found),
            worse=sum(each.champion_only_correct for each in found),
            rows=sum(each.labelled_rows for each in found),
        )

    def of_probation(self, champion: str, previous: str, since: int) -> Difference:
        """How much more often the champion is right than the one before it, likewise."""
        found = self._of(champion, previous, since)
        return Difference.of_counts(
            better=sum(each.champion_only_correct for each in found),
            worse=sum(each.shadow_only_correct for each in found),
            rows=sum(each.labelled_rows for each in found),
        )

    def _of(self, champion: str, shadow: str, since: int) -> list[ShadowComparison]:
        return [
            each
            for (_, first, second), each in self._windows.items()
            if (first, second) == (champion, shadow) and each.window_end > since
        ]
