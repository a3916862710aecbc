"""Compiles a model to the same function in a few NumPy calls. Pure.

A compiled model is used only if it agrees with the original on all that distinguishes records to
it. Otherwise its own library scores. docs/decisions/0010 compares alternatives.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeAlias

from contract.model.predictor import LibraryPredictor
from stream_app.models.compiled.agreement import find_disagreement
from stream_app.models.compiled.cell_table import CellTable
from stream_app.models.compiled.linear_compiler import compile_linear
from stream_app.models.compiled.linear_scores import LinearScores
from stream_app.models.compiled.quadratic_logit import QuadraticLogit
from stream_app.models.compiled.tree_compiler import compile_trees
from stream_app.models.compiled.tree_masks import TreeMasks

log = logging.getLogger(__name__)

CompiledModel: TypeAlias = CellTable | QuadraticLogit | TreeMasks | LinearScores

COMPILERS: Final[dict[type[CompiledModel], Callable[[LibraryPredictor], CompiledModel | None]]] = {
    CellTable: CellTable.from_model,
    QuadraticLogit: QuadraticLogit.from_model,
    TreeMasks: compile_trees,
    LinearScores: compile_linear,
}
"""What makes each kind of a model, or None. The first two, of the cars' schema, are the fastest."""


def compile_model(model: LibraryPredictor, threshold: float) -> CompiledModel | None:
    """Compiles a model; None if no kind agrees with it everywhere.

    Args:
        model: The model, with the schema of its records.
        threshold: Decision threshold of its version, at which all classes must be equal.
    """
    for kind, from_model in COMPILERS.items():
        try:
            compiled = from_model(model)
            reason = _find_disagreement(compiled, model, threshold) if compiled else "not supported"
        except Exception as failure:  # noqa: BLE001  an estimator that is not anticipated here
            compiled, reason = None, f"{type(failure).__name__}: {failure}"
        if reason is None and compiled is not None:
            return compiled
        log.info("model not compiled: kind=%s reason=%s", kind.__name__, reason)
    return None


def _find_disagreement(
    compiled: CompiledModel, model: LibraryPredictor, threshold: float
) -> str | None:
    checks = compiled.checks(model.schema)
    return find_disagreement(compiled, model, checks, model.schema, threshold)
