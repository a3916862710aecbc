"""Champion and shadow on the same records."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge

from contract.events import ShadowComparison


class ShadowMetrics:
    """Of the newest pair of versions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, documentation: str, *more: str) -> Gauge:
            return Gauge(name, documentation, ["champion", "shadow", *more], registry=registry)

        self._rows = gauge(
            "intent_shadow_rows",
            "Records of the kept windows that champion and shadow both predicted.",
        )
        self._disagreement = gauge(
            "intent_shadow_disagreement",
            "Share of the records that champion and shadow both predicted on which they differ.",
        )
        self._labelled = gauge(
            "intent_shadow_labelled_rows",
            "Records that champion and shadow both predicted and whose outcome is known.",
        )
        self._accuracy = gauge(
            "intent_shadow_accuracy",
            "Accuracy of champion or shadow on the records of both whose outcome is known.",
            "role",
        )

    def known(self, comparisons: Sequence[ShadowComparison]) -> None:
        """So champion and shadow compare in the kept windows, the oldest first."""
        for gauge in (self._rows, self._disagreement, self._labelled, self._accuracy):
            gauge.clear()
        if not comparisons:
            return
        pair = comparisons[-1].champion_version, comparisons[-1].shadow_version
        mine = [
            each for each in comparisons if (each.champion_version, each.shadow_version) == pair
        ]
        rows, labelled = sum(each.rows for each in mine), sum(each.labelled_rows for each in mine)
        self._rows.labels(*pair).set(rows)
        self._disagreement.labels(*pair).set(sum(each.disagreements for each in mine) / rows)
        self._labelled.labels(*pair).set(labelled)
        if labelled:
            both = sum(each.both_correct for each in mine)
            for of, alone in (
                ("champion", sum(each.champion_only_correct for each in mine)),
                ("shadow", sum(each.shadow_only_correct for each in mine)),
            ):
                self._accuracy.labels(*pair, of).set((both + alone) / labelled)
