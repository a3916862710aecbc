"""Loads XGBoost's UBJSON and JSON files."""

from typing import Any, Final

import msgspec
import numpy as np
import xgboost
from numpy.typing import NDArray

from contract.model.predictor import Inputs, to_matrix
from contract.schema.task import Floats

OBJECTIVES: Final = ("binary:logistic", "multi:softprob")
"""Objectives whose predictions are probabilities."""

NUMERIC_OBJECTIVES: Final = (
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:gamma",
    "reg:tweedie",
    "count:poisson",
)
"""Objectives whose predictions are numbers."""


class XGBoostModel:
    """See `contract.model.predictor.NativeModel`.

    Attributes:
        booster: The model in its library.
        iterations: The first of its rounds and the one after the last that is used; 0, 0 for all.
    """

    def __init__(self, booster: xgboost.Booster) -> None:
        # With more threads, a batch of 1,000 rows waits for them longer than it computes.
        booster.set_param({"nthread": 1})
        learner = msgspec.json.decode(booster.save_config())["learner"]
        objective = learner["objective"]["name"]
        supported = (*OBJECTIVES, *NUMERIC_OBJECTIVES)
        if objective not in supported:
            raise ValueError(f"its objective {objective} is none of {', '.join(supported)}")
        self.numeric: bool | None = objective in NUMERIC_OBJECTIVES
        self.booster = booster
        self.features = tuple(booster.feature_names or ())
        self.width = booster.num_features()
        self.categories = _categories(booster)
        self.texts: frozenset[str] = frozenset()
        self.required: frozenset[str] = frozenset()
        self.classes: tuple[Any, ...] = ()
        self.iterations = _best_iterations(booster)

    def predict(self, inputs: Inputs) -> Floats:
        """Probabilities, or numbers, of n records."""
        outputs: Floats = self.booster.inplace_predict(
            self.matrix(inputs), iteration_range=self.iterations, validate_features=False
        )
        return outputs

    def scores(self, inputs: Inputs) -> Floats:
        """Sums of trees of n records, shape (n,) or (n, classes)."""
        scores: Floats = self.booster.inplace_predict(
            self.matrix(inputs),
            iteration_range=self.iterations,
            predict_type="margin",
            validate_features=False,
        )
        return scores

    def contributions(self, inputs: Inputs) -> Floats:
        """See `contract.model.predictor.TreeShapModel`."""
        types = self.booster.feature_types
        values = self.booster.predict(
            xgboost.DMatrix(self.matrix(inputs), feature_types=types, enable_categorical=True),
            pred_contribs=True,
            iteration_range=self.iterations,
            validate_features=False,
            strict_shape=True,
        )
        return np.asarray(values, dtype=np.float64)

    def matrix(self, inputs: Inputs) -> NDArray[Any]:
        """The features as its trees compare them, shape (n, width)."""
        return to_matrix(inputs, self.width, np.float32)


def load(content: bytes) -> XGBoostModel:
    """Loads a file's content. Raises what XGBoost raises, and `ValueError`."""
    if not content.startswith(b"{"):  # XGBoost would abort the process
        raise ValueError("it is neither UBJSON nor JSON")
    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    return XGBoostModel(booster)


def _categories(booster: xgboost.Booster) -> dict[str, tuple[str, ...]]:
    exported = booster.get_categories(export_to_arrow=True).to_arrow() or []
    return {
        feature: tuple(map(str, values.to_pylist()))
        for feature, values in exported
        if values is not None
    }


def _best_iterations(booster: xgboost.Booster) -> tuple[int, int]:
    """The trees up to the best iteration, which the scikit-learn interface uses; else all."""
    attributes = booster.attributes()
    best = attributes.get("best_iteration")
    if "scikit_learn" in attributes and best is not None:
        return 0, int(best) + 1
    return 0, 0
