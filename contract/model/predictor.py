"""Models behind one interface: arrays of features in, probabilities or numbers out. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from contract.model.manifest import ModelInput
from contract.schema import Schema
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats

ROUNDING: Final = 1e-6
"""By how much single precision may round a sum of trees to outside of 0 to 1."""


class Predictor(Protocol):
    """A loaded model."""

    def outputs(self, features: FeatureArrays) -> Floats:
        """Outputs of n records, as `contract.schema.task` defines them."""


class LibraryPredictor(Predictor, Protocol):
    """A model that its own library scores."""

    @property
    def schema(self) -> Schema:
        """Schema of the records."""

    def all_outputs(self, features: FeatureArrays) -> Floats:
        """Probabilities of all classes in the order of the schema, shape (n, classes).

        Of a numeric target, the numbers, shape (n,).
        """


Inputs = list[NDArray[Any]]
"""An array of shape (n,) for each feature of a model: float64, or texts in an object array."""


def to_matrix(inputs: Inputs, width: int, kind: Any) -> NDArray[Any]:
    """The inputs as the columns of a matrix of this type, shape (n, width)."""
    matrix: NDArray[Any] = np.empty((len(inputs[0]), width), dtype=kind)
    for index, values in enumerate(inputs):
        matrix[:, index] = values
    return matrix


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
        numeric: Whether it predicts numbers; None if the file does not say.
    """

    features: tuple[str, ...]
    width: int
    categories: dict[str, tuple[str, ...]]
    texts: frozenset[str]
    required: frozenset[str]
    classes: tuple[Any, ...]
    numeric: bool | None

    def predict(self, inputs: Inputs) -> Floats:
        """Probabilities of n records, shape (n, classes), or (n,) of the second of two classes.

        Or n numbers, shape (n,) or (n, 1).
        """


@runtime_checkable
class TreeShapModel(Protocol):
    """A model of trees whose library computes what each feature contributes to a score."""

    def contributions(self, inputs: Inputs) -> Floats:
        """Contributions of the features to n records' scores, by TreeSHAP.

        Returns:
            Shape (n, scores, features + 1), the last one being the expected score. Their sum is the
            score. Of two classes there is one, the log-odds of the model's second class; of more
            there is one for each class, before softmax.
        """


@dataclass(frozen=True)
class SklearnModel:
    """A fitted scikit-learn classifier or regressor that takes a DataFrame.

    Attributes:
        estimator: With `feature_names_in_`, and `classes_` and `predict_proba`, or `predict`.
        schema: Schema of the records.
    """

    estimator: Any
    schema: Schema

    def outputs(self, features: FeatureArrays) -> Floats:
        """Outputs of n records, as `contract.schema.task` defines them."""
        return predict(self.estimator, self.to_frame(features), self.schema)

    def all_outputs(self, features: FeatureArrays) -> Floats:
        """See `LibraryPredictor`."""
        frame = self.to_frame(features)
        if self.schema.task.numeric:
            return predict(self.estimator, frame, self.schema)
        order = np.asarray(self.estimator.classes_).tolist()
        indices = [order.index(each) for each in self.schema.classes.values]
        return np.asarray(self.estimator.predict_proba(frame))[:, indices]

    def to_frame(self, features: FeatureArrays) -> Any:
        """The estimator's columns of n records, in its order."""
        frame = self.schema.encoder.arrays_to_frame(features)
        names = list(self.estimator.feature_names_in_)
        return frame if names == list(frame.columns) else frame[names]


def predict(estimator: Any, frame: Any, schema: Schema) -> Floats:
    """Outputs of a scikit-learn estimator for a frame of its columns."""
    if schema.task.numeric:
        return np.asarray(estimator.predict(frame), dtype=np.float64)
    return schema.classes.arrange(np.asarray(estimator.predict_proba(frame)), estimator.classes_)


def predictor_of(
    model: NativeModel, inputs: Sequence[ModelInput], classes: Sequence[Any], schema: Schema
) -> LibraryPredictor:
    """A model in its library's format behind the schema's columns, see `NativePredictor`."""
    if schema.task.numeric:
        return NativeRegressor(model, inputs, schema)
    return NativePredictor(model, inputs, classes, schema)


class NativeRegressor:
    """A model of numbers in its library's format, without a DataFrame.

    Attributes:
        model: The loaded model.
        schema: Schema of the records.
        order: Empty: it has no classes.
    """

    order: Final[list[int]] = []

    def __init__(self, model: NativeModel, inputs: Sequence[ModelInput], schema: Schema) -> None:
        """Prepares the columns of the model's features."""
        self.model = model
        self.schema = schema
        self._readers = [_reader(one, schema) for one in inputs]

    def read(self, features: FeatureArrays) -> Inputs:
        """The model's features of n records."""
        return [read(features) for read in self._readers]

    def outputs(self, features: FeatureArrays) -> Floats:
        """Numbers of n records, shape (n,)."""
        numbers = np.asarray(self.model.predict(self.read(features)), dtype=np.float64)
        if numbers.ndim == 2 and numbers.shape[1] == 1:
            numbers = numbers[:, 0]
        rows = len(features[0])
        if numbers.shape != (rows,):
            raise ValueError(
                f"it returns an array of shape {numbers.shape} for {rows} records, and a numeric "
                f"target needs {(rows,)}"
            )
        return numbers

    all_outputs = outputs


class NativePredictor:
    """A classifier in its library's format, without a DataFrame.

    Attributes:
        model: The loaded model.
        schema: Schema of the records.
        order: The place of each of the schema's classes among the model's outputs.
    """

    def __init__(
        self,
        model: NativeModel,
        inputs: Sequence[ModelInput],
        classes: Sequence[Any],
        schema: Schema,
    ) -> None:
        """Prepares the columns of the model's features.

        Args:
            model: The loaded model.
            inputs: Its features.
            classes: The classes in the order of its outputs.
            schema: Schema of the records.
        """
        self.model = model
        self.schema = schema
        self._readers = [_reader(one, schema) for one in inputs]
        self._columns = [schema.features.index(one.column) for one in inputs]
        self._width = len(schema.features)
        self.order = [list(classes).index(value) for value in schema.classes.values]
        self._reordered = self.order != sorted(self.order)
        self._multiclass = schema.classes.multiclass

    def read(self, features: FeatureArrays) -> Inputs:
        """The model's features of n records."""
        return [read(features) for read in self._readers]

    def outputs(self, features: FeatureArrays) -> Floats:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""
        probabilities = self._predict(features)
        if self._multiclass:
            return probabilities[:, self.order] if self._reordered else probabilities
        if probabilities.ndim == 2:
            return probabilities[:, self.order[1]]
        return 1 - probabilities if self._reordered else probabilities

    def all_outputs(self, features: FeatureArrays) -> Floats:
        """Probabilities of all classes in the order of the schema, shape (n, classes)."""
        probabilities = self._predict(features)
        if probabilities.ndim == 1:
            probabilities = np.column_stack([1 - probabilities, probabilities])
        return probabilities[:, self.order]

    def contributions(self, features: FeatureArrays) -> Floats | None:
        """Contributions of the schema's inputs to n records' scores; None if the format has none.

        Returns:
            As of `TreeShapModel`, with the inputs and classes of the schema in place of the
            model's: of two classes the score is the log-odds of the positive one.
        """
        if not isinstance(self.model, TreeShapModel):
            return None
        values = self.model.contributions(self.read(features))
        by_input = np.zeros((*values.shape[:2], self._width + 1))
        for place, column in enumerate(self._columns):  # several may be of one input
            by_input[:, :, column] += values[:, :, place]
        by_input[:, :, -1] = values[:, :, -1]
        if self._multiclass:
            return by_input[:, self.order]
        return -by_input if self._reordered else by_input

    def _predict(self, features: FeatureArrays) -> Floats:
        probabilities = np.asarray(self.model.predict(self.read(features)), dtype=np.float64)
        if probabilities.ndim == 2 and probabilities.shape[1] == 1:
            probabilities = probabilities[:, 0]
        rows = len(features[0])
        valid = [(rows, len(self.order)), *([] if self._multiclass else [(rows,)])]
        if probabilities.shape not in valid:
            raise ValueError(
                f"it returns an array of shape {probabilities.shape} for {rows} records, and the "
                f"schema's classes need {valid[0]}"
            )
        lowest, highest = probabilities.min(initial=0), probabilities.max(initial=1)
        if (lowest < 0 or highest > 1) and lowest >= -ROUNDING and highest <= 1 + ROUNDING:
            return np.clip(probabilities, 0, 1)
        return probabilities


def read_inputs(inputs: Sequence[ModelInput], schema: Schema, features: FeatureArrays) -> Inputs:
    """The model's features, from the arrays of the schema's columns."""
    return [_reader(one, schema)(features) for one in inputs]


def _reader(model_input: ModelInput, schema: Schema) -> Callable[[FeatureArrays], NDArray[Any]]:
    """Reads a model's feature from the arrays of the schema's columns."""
    index = schema.features.index(model_input.column)
    if model_input.kind == "number":
        return lambda features: features[index]
    categories = schema.inputs[index].categories
    if model_input.kind == "one_hot":
        code = categories.index(model_input.categories[0])
        return lambda features: (features[index] == code).astype(np.float64)
    if model_input.kind == "text":
        texts = np.array([*categories, None], dtype=object)  # None at code -1: missing
        return lambda features: texts[features[index]]
    code_of = {category: float(code) for code, category in enumerate(model_input.categories)}
    codes = np.array([*(code_of.get(category, np.nan) for category in categories), np.nan])
    return lambda features: codes[features[index]]
