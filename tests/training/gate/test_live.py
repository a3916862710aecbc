"""What live records say of a challenger, and of a champion on probation."""

from training.gate.difference import Difference
from training.gate.live import agrees, fell


def test_challenger_that_is_as_good_on_enough_records_is_let_through() -> None:
    found = agrees(Difference.of_counts(better=400, worse=350, rows=5_000), 0.01, 0.95)
    assert found.yes
    assert "+0.0100" in found.words
    assert "5002 records" in found.words


def test_challenger_that_is_worse_or_not_surely_as_good_is_not() -> None:
    assert not agrees(Difference.of_counts(300, 450, 5_000), 0.01, 0.95).yes
    assert not agrees(Difference.of_counts(3, 3, 50), 0.01, 0.95).yes


def test_champion_that_lost_more_than_the_bound_has_fallen() -> None:
    found = fell(Difference.of_counts(better=20, worse=320, rows=3_000), 0.01, 0.95)
    assert found.yes
    assert "below -0.0100" in found.words


def test_champion_that_lost_less_than_the_bound_has_not() -> None:
    assert not fell(Difference.of_counts(300, 310, 3_000), 0.01, 0.95).yes
    assert not fell(Difference.of_counts(0, 3, 5), 0.01, 0.95).yes


def test_champion_is_looked_at_again_and_again_and_must_have_fallen_for_sure() -> None:
    found = Difference.of_counts(better=20, worse=50, rows=1_000)
    assert found.high(0.95) < -0.01
    assert not fell(found, 0.01, 0.95).yes
