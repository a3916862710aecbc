"""How often a probation ends in a rollback, and after how many records; seeded."""

from dataclasses import dataclass

import numpy as np

from training.gate.live_evaluation import agreement, is_worse
from training.gate.paired_difference import PairedDifference

RECORDS = 20_000
EVALUATION_INTERVAL = 100


@dataclass(frozen=True)
class ProbationResult:
    """Of many probations with one true difference in accuracy.

    Attributes:
        agreed: share in which a shadow of 1,000 records would have been promoted.
        rolled_back: share that ended in a rollback within 20,000 records.
        after: median of the records until then; None if there was none.
    """

    agreed: float
    rolled_back: float
    after: float | None


def run(
    difference: float, disagree: float, bound: float, trials: int, seed: int
) -> ProbationResult:
    """Simulates probations of models that disagree on a share of records; a look every 100."""
    random = np.random.default_rng(seed)
    better_share = (disagree + difference) / 2
    agreed, ends = 0, []
    for _ in range(trials):
        draw = random.random(RECORDS)
        better = np.cumsum(draw < better_share)
        worse = np.cumsum((draw >= better_share) & (draw < disagree))
        agreed += agreement(_at(better, worse, 1_000), bound, 0.95).significant
        looks = range(EVALUATION_INTERVAL, RECORDS + 1, EVALUATION_INTERVAL)
        ends += [
            next(
                (n for n in looks if is_worse(_at(better, worse, n), bound, 0.95).significant),
                RECORDS + 1,
            )
        ]
    done = [end for end in ends if end <= RECORDS]
    return ProbationResult(
        agreed / trials, len(done) / trials, float(np.median(done)) if done else None
    )


def _at(better: np.ndarray, worse: np.ndarray, rows: int) -> PairedDifference:
    return PairedDifference.of_counts(int(better[rows - 1]), int(worse[rows - 1]), rows)
