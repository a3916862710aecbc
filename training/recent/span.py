"""How far back the rows are learnt from: what fits the newest labels best. Pure.

A target that has moved makes old labels wrong, and one that has not makes them too good to lose.
The newest rows tell: of a few spans, from the newest rows alone to all there are, that one is
taken whose model is best on newest rows that it has not seen (Klinkenberg and Joachims, ICML 2000).
Of spans that are as good, which is within one standard error of the best, the longest (Breiman,
Friedman, Olshen and Stone, Classification and Regression Trees, 1984).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from contract.classes import CLASSES, SEVERAL, codes
from contract.features import TARGET
from training.losses import log_losses

FOLDS: Final = 3
GROWTH: Final = 4
"""A span is this many times as long as the one before."""

Floats = NDArray[np.float64]
Predicted = Callable[[pd.DataFrame, pd.DataFrame], Floats]
"""Rows to fit and rows to predict -> probabilities of the latter."""


@dataclass(frozen=True)
class Span:
    """Of so many `rows`, counted from the newest; `log_loss` on newest rows not seen, and the
    `error` of its distance from the best one's. None if there was nothing to choose from.
    """

    rows: int
    log_loss: float | None = None
    error: float | None = None


def lengths(newest: int, stream: int, rows: int) -> list[int]:
    """The spans to choose from, the shortest first: newest rows, more, the stream's, all rows."""
    found = []
    length = newest
    while length <= stream // 2:
        found.append(length)
        length *= GROWTH
    return sorted({*found, *([stream] if stream else []), rows})


def choose(
    kept: pd.DataFrame, newest: int, counts: list[int], predicted: Predicted, random_state: int
) -> tuple[int, list[Span]]:
    """The place in `counts` of the span to learn from, and all spans.

    `kept` are the rows that may be fitted, the last `newest` of them the newest; `counts` are how
    many of them each span has, ascending, and none fewer than `newest`.
    """
    if len(counts) == 1:
        return 0, [Span(counts[0])]
    judged = kept.tail(newest)
    actual = codes(judged[TARGET])
    folds = list(
        StratifiedKFold(FOLDS, shuffle=True, random_state=random_state).split(judged, actual)
    )
    losses = []
    for count in counts:
        rows = kept.tail(count)
        older = rows.head(count - newest)
        probability = np.empty((newest, len(CLASSES)) if SEVERAL else newest)
        for fit, held_out in folds:
            known = pd.concat([older, judged.iloc[fit]])
            probability[held_out] = predicted(known, judged.iloc[held_out])
        losses.append(log_losses(actual, probability))
    best = min(losses, key=lambda each: float(each.mean()))
    spans = [
        Span(count, float(each.mean()), float((each - best).std(ddof=1)) / sqrt(newest))
        for count, each in zip(counts, losses, strict=True)
    ]
    least = float(best.mean())
    good = [
        place
        for place, span in enumerate(spans)
        if (span.log_loss or 0.0) - least <= (span.error or 0.0)
    ]
    return good[-1], spans
