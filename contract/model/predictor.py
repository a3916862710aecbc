"""Models behind one interface: arrays of features in, class probabilities out. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from contract.model.manifest import ModelInput
from contract.schema import Schema
from contract.schema.classes import Floats
from contract.schema.features import FeatureArrays

ROUNDING: Final = 1e-6
"""By how much single precision may round a sum of trees to outside of 0 to 1."""


class Predictor(Protocol):
    """A loaded model."""

    def probabilities(self, features: FeatureArrays) -> Floats:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""


class ClassPredictor(Predictor, Protocol):
    """A model that its own library scores."""

    def class_probabilities(self, features: FeatureArrays) -> Floats:
        """Probabilities of all classes in the order of the schema, shape (n, classes)."""


Inputs = list[NDArray[Any]]
"""An array of shape (n,) for each feature of a model: float64, or texts in an object array."""


class NativeModel(Protocol):
    """A model in the format of its library.

    Attributes:
        features: Names of its features in its order; empty if the file has none.
        width: Number of features.
        categories: The category of each code, by feature, as far as the file says.
        texts: Features that take a category's text.
        required: Features that cannot be missing.
        classes: The classes in the order of the outputs; empty if the file does not name them. ONNX
            names them with its first result.
    """

    features: tuple[str, ...]
    width: int
    categories: dict[str, tuple[str, ...]]
    texts: frozenset[str]
    required: frozenset[str]
    classes: tuple[Any, ...]

    def predict(self, inputs: Inputs) -> Floats:
        """Probabilities of n records, shape (n, classes), or (n,) of the second of two classes."""


@dataclass(frozen=True)
class SklearnModel:
    """A fitted scikit-learn classifier that takes a DataFrame.

    Attributes:
        estimator: With `feature_names_in_`, `classes_` and `predict_proba`.
        schema: Schema of the records.
    """

    estimator: Any
    schema: Schema

    def probabilities(self, features: FeatureArrays) -> Floats:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""
        return self.schema.classes.arrange(self._predict(features), self.estimator.classes_)

    def class_probabilities(self, features: FeatureArrays) -> Floats:
        """Probabilities of all classes in the order of the schema, shape (n, classes)."""
        order = np.asarray(self.estimator.classes_).tolist()
        return self._predict(features)[:, [order.index(c) for c in self.schema.classes.values]]

    def _predict(self, features: FeatureArrays) -> Floats:
        frame = self.schema.encoder.arrays_to_frame(features)
        names = list(self.estimator.feature_names_in_)
        if names != list(frame.columns):
            frame = frame[names]
        return np.asarray(self.estimator.predict_proba(frame))


class NativePredictor:
    """A model in its library's format, without a DataFrame.

    Args:
        model: The loaded model.
        inputs: Its features.
        classes: The classes in the order of its outputs.
        schema: Schema of the records.
    """

    def __init__(
        self,
        model: NativeModel,
        inputs: Sequence[ModelInput],
        classes: Sequence[Any],
        schema: Schema,
    ) -> None:
        self._model = model
        self._readers = [_reader(one, schema) for one in inputs]
        self._order = [list(classes).index(value) for value in schema.classes.values]
        self._reordered = self._order != sorted(self._order)
        self._multiclass = schema.classes.multiclass

    def probabilities(self, features: FeatureArrays) -> Floats:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""
        found = self._predict(features)
        if self._multiclass:
            return found[:, self._order] if self._reordered else found
        if found.ndim == 2:
            return found[:, self._order[1]]
        return 1 - found if self._reordered else found

    def class_probabilities(self, features: FeatureArrays) -> Floats:
        """Probabilities of all classes in the order of the schema, shape (n, classes)."""
        found = self._predict(features)
        if found.ndim == 1:
            found = np.column_stack([1 - found, found])
        return found[:, self._order]

    def _predict(self, features: FeatureArrays) -> Floats:
        found = np.asarray(
            self._model.predict([read(features) for read in self._readers]), dtype=np.float64
        )
        if found.ndim == 2 and found.shape[1] == 1:
            found = found[:, 0]
        rows = len(features[0])
        valid = [(rows, len(self._order)), *([] if self._multiclass else [(rows,)])]
        if found.shape not in valid:
            raise ValueError(
                f"it returns an array of shape {found.shape} for {rows} records, and the "
                f"schema's classes need {valid[0]}"
            )
        lowest, highest = found.min(initial=0), found.max(initial=1)
        if (lowest < 0 or highest > 1) and lowest >= -ROUNDING and highest <= 1 + ROUNDING:
            return np.clip(found, 0, 1)
        return found


def read_inputs(inputs: Sequence[ModelInput], schema: Schema, features: FeatureArrays) -> Inputs:
    """The model's features, from the arrays of the schema's columns."""
    return [_reader(one, schema)(features) for one in inputs]


def _reader(given: ModelInput, schema: Schema) -> Callable[[FeatureArrays], NDArray[Any]]:
    """Reads a model's feature from the arrays of the schema's columns."""
    index = schema.features.index(given.column)
    if given.kind == "number":
        return lambda features: features[index]
    categories = schema.inputs[index].categories
    if given.kind == "one_hot":
        code = categories.index(given.categories[0])
        return lambda features: (features[index] == code).astype(np.float64)
    if given.kind == "text":
        texts = np.array([*categories, None], dtype=object)  # None at code -1: missing
        return lambda features: texts[features[index]]
    code_of = {category: float(code) for code, category in enumerate(given.categories)}
    codes = np.array([*(code_of.get(category, np.nan) for category in categories), np.nan])
    return lambda features: codes[features[index]]
