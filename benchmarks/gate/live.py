"""How often a probation ends in a roll back, and after how many records; seeded."""

from dataclasses import dataclass

import numpy as np

from training.gate.difference import Difference
from training.gate.live import agrees, fell

RECORDS = 20_000
EVERY = 100


@dataclass(frozen=True)
class Live:
    """Of many probations with one true difference of accuracy.

    Attributes:
        agreed: share in which a shadow of 1,000 records would have been let through.
        fell: share that ended in a roll back within 20,000 records.
        after: median of the records until then; None if there was none.
    """

    agreed: float
    fell: float
    after: float | None


def run(difference: float, disagree: float, bound: float, trials: int, seed: int) -> Live:
    """Probations, judged after every 100 records, of models that disagree on a share of records."""
    random = np.random.default_rng(seed)
    better_share = (disagree + difference) / 2
    agreed, ends = 0, []
    for _ in range(trials):
        draw = random.random(RECORDS)
        better = np.cumsum(draw < better_share)
        worse = np.cumsum((draw >= better_share) & (draw < disagree))
        agreed += agrees(_at(better, worse, 1_000), bound, 0.95).yes
        looks = range(EVERY, RECORDS + 1, EVERY)
        ends += [
            next((n for n in looks if fell(_at(better, worse, n), bound, 0.95).yes), RECORDS + 1)
        ]
    done = [end for end in ends if end <= RECORDS]
    return Live(agreed / trials, len(done) / trials, float(np.median(done)) if done else None)


def _at(better: np.ndarray, worse: np.ndarray, rows: int) -> Difference:
    return Difference.of_counts(int(better[rows - 1]), int(worse[rows - 1]), rows)
