"""The classes of a target: probabilities -> predicted classes, classes <-> codes.

A code is a class's index in the target's list. Of two classes, a model's probabilities are those
of the positive class, shape (n,). Of more, there is one for each class, shape (n, classes).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract.schema.columns import Target

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]

DEFAULT_THRESHOLD: Final = 0.5
"""Decision threshold of a version that has none of its own, as in scikit-learn's `predict`."""


class Classes:
    """The classes of a target.

    Attributes:
        values: The classes, in the order of the schema.
        code_of: The index of each class in `values`.
        multiclass: Whether there are more than two.
        textual: Whether they are texts; else they are integers.
        positive: The class whose probability a binary model predicts; None if there are more.
    """

    def __init__(self, target: Target) -> None:
        self.values: Final = target.classes
        self.code_of: Final[dict[Any, int]] = {
            value: code for code, value in enumerate(target.classes)
        }
        self.multiclass: Final = len(target.classes) > 2
        self.textual: Final = isinstance(target.classes[0], str)
        self.positive: Final = None if self.multiclass else target.classes[1]
        self._array = np.array(target.classes, dtype=object if self.textual else np.int64)

    def __len__(self) -> int:
        return len(self.values)

    def predict(self, probabilities: Floats, threshold: float) -> Codes:
        """The code of the predicted class of each record, shape (n,).

        Args:
            probabilities: As the module defines them.
            threshold: Above this probability the positive class of two is predicted. Of more
                classes, the most probable one is predicted.
        """
        if self.multiclass:
            return np.asarray(probabilities.reshape(-1, len(self.values)).argmax(axis=1))
        return (probabilities > threshold).astype(np.intp)

    def reported_probability(self, probabilities: Floats) -> Floats:
        """The probability in a prediction, shape (n,).

        Of two classes, that of the positive one; of more, that of the predicted one.
        """
        if self.multiclass:
            return np.asarray(probabilities.reshape(-1, len(self.values)).max(axis=1))
        return probabilities

    def decode(self, codes: Codes) -> NDArray[Any]:
        """The classes with these codes, shape (n,)."""
        decoded: NDArray[Any] = self._array[codes]
        return decoded

    def encode(self, classes: Iterable[Any]) -> Codes:
        """The codes of these classes, shape (n,). Raises `KeyError` for a value that is none."""
        return np.array([self.code_of[value] for value in classes], dtype=np.intp)

    def arrange(self, probabilities: Floats, order: Sequence[Any] | NDArray[Any]) -> Floats:
        """A classifier's `predict_proba` in our shape.

        Args:
            probabilities: What `predict_proba` returned, shape (n, classes).
            order: The classifier's `classes_`, the order of its columns.
        """
        columns = np.asarray(order).tolist()
        indices = [columns.index(value) for value in self.values]
        return probabilities[:, indices] if self.multiclass else probabilities[:, indices[1]]
