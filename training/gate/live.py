"""Two models on the same live records: may the new one take over, must the old one return? Pure."""

from dataclasses import dataclass

from training.gate.difference import Difference


@dataclass(frozen=True)
class Answer:
    """Yes or no, and the figures in a sentence."""

    yes: bool
    words: str


def agrees(difference: Difference, bound: float, confidence: float) -> Answer:
    """Whether live outcomes agree with the gate, which has found a challenger better.

    They do if its accuracy is surely no more than `bound` (0 to 1) below the champion's. To be
    asked once, when as many records as were wanted have their outcome.
    """
    low = difference.low(confidence)
    return Answer(
        low > -bound,
        f"{_accuracy(difference)}, at least {low:+.4f} with confidence {confidence:g}, "
        f"which {'is' if low > -bound else 'is not'} above {-bound:+.4f}",
    )


def fell(difference: Difference, bound: float, confidence: float) -> Answer:
    """Whether the new champion's accuracy is surely more than `bound` (0 to 1) below the old one's.

    May be asked again and again while outcomes come in: over the whole probation it says yes of
    a model that did not fall by so much with a probability of at most 1 - `confidence`.
    """
    high = difference.high_always(confidence)
    return Answer(
        high < -bound,
        f"{_accuracy(difference)}, at most {high:+.4f} with confidence {confidence:g}, "
        f"which {'is' if high < -bound else 'is not'} below {-bound:+.4f}",
    )


def _accuracy(difference: Difference) -> str:
    return f"accuracy differs by {difference.mean:+.4f} on {difference.rows} records"
