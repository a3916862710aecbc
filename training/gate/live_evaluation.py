"""Tests of two models on the same live records: promote the challenger, roll back? Pure."""

from dataclasses import dataclass

from training.gate.paired_difference import PairedDifference


@dataclass(frozen=True)
class LiveTest:
    """Result of a test, and its figures in a sentence."""

    significant: bool
    message: str


def agreement(difference: PairedDifference, max_loss: float, confidence: float) -> LiveTest:
    """Whether live outcomes agree with the gate, which found the challenger better.

    A non-inferiority test of the challenger's accuracy, for one look: run it once, when the
    required number of records has an outcome.

    Args:
        difference: challenger minus champion.
        max_loss: accuracy by which the challenger may be worse, 0 to 1.
        confidence: of the one-sided bound.
    """
    low = difference.lower_bound(confidence)
    return LiveTest(
        low > -max_loss,
        f"{_accuracy(difference)}, at least {low:+.4f} with confidence {confidence:g}, "
        f"which {'is' if low > -max_loss else 'is not'} above {-max_loss:+.4f}",
    )


def is_worse(difference: PairedDifference, max_loss: float, confidence: float) -> LiveTest:
    """Whether the new champion's accuracy is more than `max_loss` below the previous one's.

    A sequential test: run it as often as outcomes come in. Over a whole probation it is wrong
    about a model within `max_loss` with a probability of at most 1 - `confidence`.

    Args:
        difference: new champion minus previous champion.
        max_loss: accuracy, 0 to 1.
        confidence: over all looks.
    """
    high = difference.anytime_upper_bound(confidence)
    return LiveTest(
        high < -max_loss,
        f"{_accuracy(difference)}, at most {high:+.4f} with confidence {confidence:g}, "
        f"which {'is' if high < -max_loss else 'is not'} below {-max_loss:+.4f}",
    )


def _accuracy(difference: PairedDifference) -> str:
    return f"accuracy differs by {difference.mean:+.4f} on {difference.rows} records"
