"""Linear models as coefficients of the inputs. Pure.

Categories may be encoded in any way: what each adds to the score is known from the encoder itself.
Numbers may be imputed, marked as missing, scaled, and multiplied with each other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contract.schema import Schema
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats
from stream_app.models.compiled.agreement import mixed_records
from stream_app.models.compiled.links import to_outputs


@dataclass(frozen=True)
class LinearScores:
    """What categories and d terms of numbers add to k scores.

    Attributes:
        categorical: Index of each input of categories, shape (c,).
        starts: Its first row in `categories`: of a missing category, then of each code.
        categories: What each category adds, shape (rows, k).
        numerical: Index of the input of each term, shape (d,).
        replacement: The term of a missing number.
        marks_missing: Whether a term is 1 for a missing number and else 0.
        center: Is subtracted from a term.
        scale: Divides that.
        linear: Coefficients of the terms, shape (d, k).
        products: Coefficients of their products, shape (k, d, d); empty if there are none.
        intercept: Shape (k,).
        link: Makes outputs of scores, see `links`.
    """

    categorical: NDArray[np.int64]
    starts: NDArray[np.int64]
    categories: Floats
    numerical: NDArray[np.int64]
    replacement: Floats
    marks_missing: NDArray[np.bool_]
    center: Floats
    scale: Floats
    linear: Floats
    products: Floats
    intercept: Floats
    link: NDArray[np.int64]

    def checks(self, schema: Schema) -> FeatureArrays:
        """Records with each category, and numbers across their ranges."""
        return mixed_records(schema, [np.empty(0)] * len(schema.inputs))

    def outputs(self, features: FeatureArrays) -> Floats:
        """Outputs of n records, as `contract.schema.task` defines them."""
        scores = np.tile(self.intercept, (len(features[0]), 1))
        for index, start in zip(self.categorical, self.starts, strict=True):
            scores += self.categories.take(features[index] + (start + 1), axis=0)
        if len(self.numerical):
            terms = self._terms(features)
            scores += terms @ self.linear
            for place, products in enumerate(self.products):
                scores[:, place] += ((terms @ products) * terms).sum(axis=1)
        return to_outputs(scores, int(self.link))

    def _terms(self, features: FeatureArrays) -> Floats:
        terms = np.stack([features[index] for index in self.numerical], axis=1)
        missing = np.isnan(terms)
        if missing.any() or self.marks_missing.any():
            terms = np.where(missing, self.replacement, terms)
            terms = np.where(self.marks_missing, missing, terms)
        return np.asarray((terms - self.center) / self.scale)
