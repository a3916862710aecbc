"""Loads LightGBM's text files."""

from collections.abc import Sequence
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

from contract.model.predictor import Inputs, to_matrix
from contract.schema.task import Floats

OBJECTIVES: Final = ("binary", "cross_entropy", "multiclass")
"""Objectives whose predictions are probabilities."""

NUMERIC_OBJECTIVES: Final = (
    "regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma",
    "tweedie",
)  # fmt: skip
"""Objectives whose predictions are numbers."""


class LightGBMModel:
    """See `contract.model.predictor.NativeModel`.

    Attributes:
        booster: The model in its library.
    """

    def __init__(self, booster: lightgbm.Booster, feature_infos: Sequence[str]) -> None:
        objective = booster.params.get("objective")
        supported = (*OBJECTIVES, *NUMERIC_OBJECTIVES)
        if objective not in supported:
            raise ValueError(f"its objective {objective} is none of {', '.join(supported)}")
        self.numeric: bool | None = objective in NUMERIC_OBJECTIVES
        names = tuple(booster.feature_name())
        self.booster = booster
        # LightGBM makes these names itself where it was given none
        unnamed = names == tuple(f"Column_{index}" for index in range(len(names)))
        self.features = () if unnamed else names
        self.width = booster.num_feature()
        self.categories = _categories(booster, names, feature_infos)
        self.texts: frozenset[str] = frozenset()
        self.required: frozenset[str] = frozenset()
        self.classes: tuple[Any, ...] = ()

    def predict(self, inputs: Inputs) -> Floats:
        """Probabilities, or numbers, of n records."""
        # With more threads, a batch of 1,000 rows waits for them longer than it computes.
        return np.asarray(self.booster.predict(self.matrix(inputs), num_threads=1))

    def scores(self, inputs: Inputs) -> Floats:
        """Sums of trees of n records, shape (n,) or (n, classes)."""
        return np.asarray(self.booster.predict(self.matrix(inputs), raw_score=True, num_threads=1))

    def matrix(self, inputs: Inputs) -> NDArray[Any]:
        """The features as its trees compare them, shape (n, width)."""
        return to_matrix(inputs, self.width, np.float64)

    def contributions(self, inputs: Inputs) -> Floats:
        """See `contract.model.predictor.TreeShapModel`."""
        matrix = self.matrix(inputs)
        values = np.asarray(self.booster.predict(matrix, pred_contrib=True, num_threads=1))
        return values.reshape(len(matrix), -1, self.width + 1)


def load(content: bytes) -> LightGBMModel:
    """Loads a file's content. Raises what LightGBM raises, and `ValueError`."""
    lightgbm.register_logger(_Silent())
    text = content.decode()
    _, _, infos = text.partition("\nfeature_infos=")
    return LightGBMModel(lightgbm.Booster(model_str=text), infos.partition("\n")[0].split())


def _categories(
    booster: lightgbm.Booster, names: Sequence[str], infos: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The category of each code, by feature; empty if the file leaves open which are whose.

    The file has a list for each feature that was categorical in pandas, in their order. Of these
    features it describes the values as 0:1:2, of numbers as [18:65], of those without use as none.
    """
    lists = booster.pandas_categorical or []
    categorical = [
        name
        for name, info in zip(names, infos, strict=True)
        if not info.startswith("[") and info != "none"
    ]
    if len(categorical) != len(lists):
        return {}
    return {name: tuple(map(str, values)) for name, values in zip(categorical, lists, strict=True)}


class _Silent:
    """LightGBM prints errors that it raises as well."""

    def info(self, message: str) -> None:
        """Drops the message."""

    warning = info
