"""Shadow comparisons by window -> the difference between two versions. Pure."""

from typing import Final

from contract.events import ShadowComparison
from training.gate.paired_difference import PairedDifference
from training.threshold import EQUAL_COSTS, Costs

MAX_WINDOWS: Final = 20_000
"""Two weeks of windows of a minute; the oldest are dropped."""

Key = tuple[int, str, str]
"""Start of the window, version of the champion, version of the shadow."""


class ComparisonStore:
    """For each window and pair of versions, the comparison with the most outcomes.

    It is in memory alone: a restarted process reads the topic again.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._comparisons: dict[Key, ShadowComparison] = {}

    def add_comparison(self, comparison: ShadowComparison) -> None:
        """Adds a comparison of this model, unless there is one with more outcomes."""
        if comparison.model != self._model:
            return
        key = comparison.window_start, comparison.champion_version, comparison.shadow_version
        existing = self._comparisons.get(key)
        if existing is None or (existing.labelled_rows, existing.rows) < (
            comparison.labelled_rows,
            comparison.rows,
        ):
            self._comparisons[key] = comparison
        if len(self._comparisons) > MAX_WINDOWS:
            del self._comparisons[min(self._comparisons)]

    def challenger_difference(
        self, champion: str, challenger: str, since: int, costs: Costs = EQUAL_COSTS
    ) -> PairedDifference:
        """Accuracy of the challenger minus that of the champion; errors weigh their costs.

        Windows count that ended after `since`, ms since the epoch.
        """
        first, second, rows = self._count(champion, challenger, since)
        return PairedDifference.of_errors(better=second, worse=first, rows=rows, costs=costs)

    def probation_difference(
        self, champion: str, previous: str, since: int, costs: Costs = EQUAL_COSTS
    ) -> PairedDifference:
        """Accuracy of the champion minus that of the previous one, likewise."""
        first, second, rows = self._count(champion, previous, since)
        return PairedDifference.of_errors(better=first, worse=second, rows=rows, costs=costs)

    def _count(
        self, champion: str, shadow: str, since: int
    ) -> tuple[tuple[int, int], tuple[int, int], int]:
        """Negative and positive rows that only the champion, or only the shadow got; all rows."""
        comparisons = self._select(champion, shadow, since)
        first = sum(each.champion_only_correct for each in comparisons)
        first_positive = sum(each.champion_only_correct_positive for each in comparisons)
        second = sum(each.shadow_only_correct for each in comparisons)
        second_positive = sum(each.shadow_only_correct_positive for each in comparisons)
        return (
            (first - first_positive, first_positive),
            (second - second_positive, second_positive),
            sum(each.labelled_rows for each in comparisons),
        )

    def _select(self, champion: str, shadow: str, since: int) -> list[ShadowComparison]:
        return [
            comparison
            for (_, first, second), comparison in self._comparisons.items()
            if (first, second) == (champion, shadow) and comparison.window_end > since
        ]
