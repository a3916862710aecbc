"""What is known of two versions, however often and in whatever order it was told."""

from contract.events import ShadowComparison
from training.loop.judge import labelled
from training.loop.ledger import Ledger


def told(window: int, cells: tuple[int, int, int, int], **changes: str) -> ShadowComparison:
    """Of a window of 10 ms: both right, the champion alone, the shadow alone, none."""
    pair = {"model": "m", "champion_version": "2", "shadow_version": "1", **changes}
    return ShadowComparison(
        window, window + 10, rows=100, disagreements=cells[1] + cells[2],
        both_correct=cells[0], champion_only_correct=cells[1], shadow_only_correct=cells[2],
        neither_correct=cells[3],
        **pair,
    )  # fmt: skip


def test_of_a_window_the_telling_with_most_outcomes_counts() -> None:
    ledger = Ledger("m")
    for cells in ((5, 1, 2, 0), (50, 10, 20, 5), (1, 0, 0, 0)):  # the last after a restart
        ledger.add(told(0, cells))
    ledger.add(told(10, (10, 5, 0, 0)))
    found = ledger.of_probation("2", "1", since=0)
    assert labelled(found) == 100
    assert found.mean == (15 - 20) / found.rows


def test_the_newer_models_gain_is_counted_from_its_own_side() -> None:
    ledger = Ledger("m")
    ledger.add(told(0, (50, 10, 20, 5)))
    assert ledger.of_probation("2", "1", 0).mean < 0
    assert ledger.of_challenger("2", "1", 0).mean > 0


def test_windows_before_the_decision_and_other_pairs_and_models_do_not_count() -> None:
    ledger = Ledger("m")
    ledger.add(told(0, (50, 0, 0, 0)))
    ledger.add(told(10, (7, 0, 0, 0)))
    ledger.add(told(10, (50, 0, 0, 0), shadow="3"))
    ledger.add(told(10, (50, 0, 0, 0), model="another"))
    assert labelled(ledger.of_probation("2", "1", since=10)) == 7
    assert labelled(ledger.of_probation("1", "2", since=0)) == 0
