"""Loads CatBoost's binary files."""

from typing import Any, Final

import catboost
import numpy as np
from numpy.typing import NDArray

from contract.model.predictor import Inputs, to_matrix
from contract.schema.task import Floats

LOSSES: Final = ("Logloss", "CrossEntropy", "MultiClass")
"""Loss functions with which `Probability` predictions are probabilities of exclusive classes."""

NUMERIC_LOSSES: Final = ("RMSE", "MAE", "MAPE", "LogCosh")
"""Loss functions with which raw predictions are numbers in the target's unit."""


class CatBoostModel:
    """See `contract.model.predictor.NativeModel`."""

    def __init__(self, model: catboost.CatBoost) -> None:
        loss = str(model.get_all_params().get("loss_function"))
        supported = (*LOSSES, *NUMERIC_LOSSES)
        if loss not in supported:
            raise ValueError(f"its loss function {loss} is none of {', '.join(supported)}")
        self.numeric: bool | None = loss in NUMERIC_LOSSES
        self._prediction_type = "RawFormulaVal" if self.numeric else "Probability"
        if model.get_text_feature_indices() or model.get_embedding_feature_indices():
            raise ValueError("it has text or embedding features, which no column can be")
        names = tuple(model.feature_names_)
        categorical = model.get_cat_feature_indices()
        # CatBoost makes these names itself where it was given none
        unnamed = names == tuple(map(str, range(len(names)))) and not categorical
        self._model = model
        self.features = () if unnamed else names
        self.width = len(names)
        self.categories: dict[str, tuple[str, ...]] = {}
        self.texts = frozenset(names[index] for index in categorical)
        self.required = self.texts
        self.classes: tuple[Any, ...] = (
            () if self.numeric else tuple(np.asarray(model.classes_).tolist())
        )

    def predict(self, inputs: Inputs) -> Floats:
        """Probabilities, or numbers, of n records."""
        outputs: Floats = self._model.predict(
            self._matrix(inputs), prediction_type=self._prediction_type, thread_count=1
        )
        return outputs

    def contributions(self, inputs: Inputs) -> Floats:
        """See `contract.model.predictor.TreeShapModel`."""
        categorical = self._model.get_cat_feature_indices()
        values: Floats = self._model.get_feature_importance(
            catboost.Pool(self._matrix(inputs), cat_features=categorical),
            type="ShapValues",
            thread_count=1,
        )
        return values if values.ndim == 3 else values[:, None]

    def _matrix(self, inputs: Inputs) -> NDArray[Any]:
        kind: Any = object if self.texts else np.float32  # as it compares them
        return to_matrix(inputs, self.width, kind)


def load(content: bytes) -> CatBoostModel:
    """Loads a file's content. Raises what CatBoost raises, and `ValueError`."""
    model = catboost.CatBoost()
    model.load_model(blob=content)
    return CatBoostModel(model)
