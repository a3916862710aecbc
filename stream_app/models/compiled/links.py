"""Scores of a model -> its outputs. Pure."""

import numpy as np

from contract.schema import Schema
from contract.schema.task import Floats

IDENTITY, LOGISTIC, SOFTMAX = range(3)


def link_of(schema: Schema) -> int:
    """What makes outputs of this schema of scores."""
    if schema.task.numeric:
        return IDENTITY
    return SOFTMAX if schema.classes.multiclass else LOGISTIC


def to_outputs(scores: Floats, link: int) -> Floats:
    """Outputs as `contract.schema.task` defines them.

    Args:
        scores: Shape (n, outputs); of two classes, the log-odds of the positive one alone.
        link: IDENTITY, LOGISTIC or SOFTMAX.
    """
    if link == LOGISTIC:
        return logistic(scores[:, 0])
    if link == SOFTMAX:
        powers: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: Floats = powers / powers.sum(axis=1, keepdims=True)
        return shares
    return scores[:, 0] if scores.shape[1] == 1 else scores


def logistic(log_odds: Floats) -> Floats:
    """Probabilities, shape (n,)."""
    small = np.exp(-np.abs(log_odds))  # never overflows
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)
