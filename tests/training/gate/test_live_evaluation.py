"""Live tests of a challenger, and of a champion on probation."""

from training.gate.live_evaluation import agreement, is_worse
from training.gate.paired_difference import PairedDifference


def test_challenger_that_is_not_worse_on_enough_records_agrees() -> None:
    result = agreement(PairedDifference.of_counts(better=400, worse=350, rows=5_000), 0.01, 0.95)
    assert result.significant
    assert "+0.0100" in result.message
    assert "5002 records" in result.message


def test_challenger_that_is_worse_or_has_few_records_does_not_agree() -> None:
    assert not agreement(PairedDifference.of_counts(300, 450, 5_000), 0.01, 0.95).significant
    assert not agreement(PairedDifference.of_counts(3, 3, 50), 0.01, 0.95).significant


def test_champion_that_lost_more_than_the_bound_is_worse() -> None:
    result = is_worse(PairedDifference.of_counts(better=20, worse=320, rows=3_000), 0.01, 0.95)
    assert result.significant
    assert "below -0.0100" in result.message


def test_champion_that_lost_less_than_the_bound_is_not_worse() -> None:
    assert not is_worse(PairedDifference.of_counts(300, 310, 3_000), 0.01, 0.95).significant
    assert not is_worse(PairedDifference.of_counts(0, 3, 5), 0.01, 0.95).significant


def test_repeated_looks_need_more_evidence_than_one_look() -> None:
    difference = PairedDifference.of_counts(better=20, worse=50, rows=1_000)
    assert difference.upper_bound(0.95) < -0.01
    assert not is_worse(difference, 0.01, 0.95).significant
