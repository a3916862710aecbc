"""Differences between two versions, whatever the order and number of their comparisons."""

from typing import Any

from contract.events import ShadowComparison
from training.controller.comparison_store import ComparisonStore
from training.controller.live_evaluator import labelled_records


def comparison(window: int, cells: tuple[int, int, int, int], **changes: str) -> ShadowComparison:
    """Of a window of 10 ms; `cells` are both correct, champion only, shadow only, neither."""
    pair: dict[str, Any] = {"model": "m", "champion_version": "2", "shadow_version": "1", **changes}
    return ShadowComparison(
        window, window + 10, rows=100, disagreements=cells[1] + cells[2],
        both_correct=cells[0], champion_only_correct=cells[1], shadow_only_correct=cells[2],
        neither_correct=cells[3],
        **pair,
    )  # fmt: skip


def test_comparison_with_the_most_outcomes_counts_for_its_window() -> None:
    store = ComparisonStore("m")
    for cells in ((5, 1, 2, 0), (50, 10, 20, 5), (1, 0, 0, 0)):  # the last after a restart
        store.add_comparison(comparison(0, cells))
    store.add_comparison(comparison(10, (10, 5, 0, 0)))
    difference = store.probation_difference("2", "1", since=0)
    assert labelled_records(difference) == 100
    assert difference.mean == (15 - 20) / difference.rows


def test_difference_is_that_of_the_newer_version() -> None:
    store = ComparisonStore("m")
    store.add_comparison(comparison(0, (50, 10, 20, 5)))
    assert store.probation_difference("2", "1", 0).mean < 0
    assert store.challenger_difference("2", "1", 0).mean > 0


def test_earlier_windows_and_other_versions_and_models_do_not_count() -> None:
    store = ComparisonStore("m")
    store.add_comparison(comparison(0, (50, 0, 0, 0)))
    store.add_comparison(comparison(10, (7, 0, 0, 0)))
    store.add_comparison(comparison(10, (50, 0, 0, 0), shadow_version="3"))
    store.add_comparison(comparison(10, (50, 0, 0, 0), model="another"))
    assert labelled_records(store.probation_difference("2", "1", since=10)) == 7
    assert labelled_records(store.probation_difference("1", "2", since=0)) == 0
