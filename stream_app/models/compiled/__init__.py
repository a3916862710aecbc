"""Compiles a scikit-learn model to the same function in a few NumPy calls. Pure.

A compiled model is used only if it agrees with the original on a grid of inputs. Otherwise
scikit-learn itself scores. docs/decisions/0010 compares alternatives.
"""

import logging
from typing import Any

from stream_app.models.compiled.agreement import find_disagreement, grid
from stream_app.models.compiled.cell_table import CellTable
from stream_app.models.compiled.quadratic_logit import QuadraticLogit

log = logging.getLogger(__name__)


def compile_model(model: Any, threshold: float) -> CellTable | QuadraticLogit | None:
    """Compiles a fitted scikit-learn classifier; None if no kind agrees with it everywhere.

    Call it only for the cars' schema: the kinds support only its three columns.

    Args:
        model: The classifier.
        threshold: Decision threshold of its version, at which all classes must be equal.
    """
    for kind in (CellTable, QuadraticLogit):
        try:
            compiled = kind.from_model(model)
            reason = _find_disagreement(compiled, model, threshold) if compiled else "not supported"
        except Exception as failure:  # noqa: BLE001  an estimator that is not anticipated here
            compiled, reason = None, f"{type(failure).__name__}: {failure}"
        if reason is None and compiled is not None:
            return compiled
        log.info("model not compiled: kind=%s reason=%s", kind.__name__, reason)
    return None


def _find_disagreement(
    compiled: CellTable | QuadraticLogit, model: Any, threshold: float
) -> str | None:
    return find_disagreement(compiled, model, grid(), threshold) or find_disagreement(
        compiled, model, compiled.corners(), threshold
    )
