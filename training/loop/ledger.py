"""Comparisons, window by window -> how two versions compare in all that is known. Pure."""

from typing import Final

from contract.events import Comparison
from training.loop.probation import Pair

MOST: Final = 20_000
"""Windows that are kept, two weeks of minutes; the oldest go first."""

Key = tuple[int, str, str]


class Ledger:
    """Of each window and pair of versions what is known best: that with most outcomes.

    So nothing need be remembered between processes: the topic is read again.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._windows: dict[Key, Comparison] = {}

    def add(self, comparison: Comparison) -> None:
        """Takes a comparison; of another model's it is not."""
        if comparison.model != self._model:
            return
        key = comparison.window, comparison.champion, comparison.shadow
        known = self._windows.get(key)
        if known is None or (known.labelled, known.rows) < (comparison.labelled, comparison.rows):
            self._windows[key] = comparison
        if len(self._windows) > MOST:
            del self._windows[min(self._windows)]

    def of_challenger(self, champion: str, challenger: str, since: int) -> Pair:
        """The challenger beside the champion, in the windows that ended after `since` (ms)."""
        found = self._of(champion, challenger, since)
        return Pair(
            both_right=sum(each.both_right for each in found),
            new_right=sum(each.shadow_right for each in found),
            old_right=sum(each.champion_right for each in found),
            both_wrong=sum(each.both_wrong for each in found),
        )

    def of_probation(self, champion: str, previous: str, since: int) -> Pair:
        """The champion beside the one before, in the windows that ended after `since` (ms)."""
        found = self._of(champion, previous, since)
        return Pair(
            both_right=sum(each.both_right for each in found),
            new_right=sum(each.champion_right for each in found),
            old_right=sum(each.shadow_right for each in found),
            both_wrong=sum(each.both_wrong for each in found),
        )

    def _of(self, champion: str, shadow: str, since: int) -> list[Comparison]:
        return [
            each
            for (_, first, second), each in self._windows.items()
            if (first, second) == (champion, shadow) and each.end > since
        ]
