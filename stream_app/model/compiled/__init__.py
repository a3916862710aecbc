"""A scikit-learn model -> the same function of three features, in a few NumPy calls. Pure.

A form is used only if it agrees with the model on a grid when the model is loaded; otherwise
scikit-learn itself scores. docs/decisions/0010 compares the ways.
"""

import logging
from typing import Any, Protocol

from contract.schema.classes import Floats
from contract.schema.features import FeatureArrays
from stream_app.model.compiled.agreement import disagreement, grid
from stream_app.model.compiled.cells import Cells
from stream_app.model.compiled.surface import Surface

log = logging.getLogger(__name__)


class Form(Protocol):
    """A compiled model."""

    def probabilities(self, given: FeatureArrays) -> Floats:
        """The probability of a purchase for each of n records, shape (n,)."""


def compiled(model: Any) -> Cells | Surface | None:
    """The form of a fitted classifier of the cars; None if none agrees with it everywhere."""
    for kind in (Cells, Surface):
        try:
            form = kind.of(model)
            found = None if form is None else _disagreement(form, model)
        except Exception as failure:  # noqa: BLE001  an estimator that nobody foresaw
            form, found = None, f"{type(failure).__name__}: {failure}"
        if found is None and form is not None:
            return form
        log.info("%s not used for this model: %s", kind.__name__, found or "not of that kind")
    return None


def _disagreement(form: Cells | Surface, model: Any) -> str | None:
    return disagreement(form, model, grid()) or disagreement(form, model, form.corners())
