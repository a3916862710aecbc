"""The classes of a target: probabilities -> predicted classes, classes <-> codes.

A code is a class's index in the target's list. Of two classes, a model's probabilities are those
of the positive class, shape (n,). Of more, there is one for each class, shape (n, classes).
"""

# ruff: noqa: ARG002  not each task uses all that a task is given

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract.scalars import Probability
from contract.schema.columns import Target
from contract.schema.task import DecisionRule, Floats

Codes: TypeAlias = NDArray[np.intp]

TOLERANCE: Final = 1e-5
"""Maximum difference from a logged probability. It is ten times the tolerance of a compiled model,
because the example was scored on another machine's floating-point hardware."""


class Classes:
    """The classes of a target: see `contract.schema.task.Task`.

    Attributes:
        values: The classes, in the order of the schema.
        code_of: The index of each class in `values`.
        multiclass: Whether there are more than two.
        textual: Whether they are texts; else they are integers.
        positive: The class whose probability a binary model predicts; None if there are more.
    """

    numeric: Final = False
    output: Final = "probability"

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

    def valid(self, outputs: Floats) -> NDArray[np.bool_]:
        """Probabilities are; false for NaN."""
        return (outputs >= 0) & (outputs <= 1)

    def report(self, outputs: Floats, rule: DecisionRule) -> tuple[list[Any], list[Any]]:
        """The predicted classes and the reported probabilities."""
        predicted = self.decode(self.predict(outputs, rule.threshold))
        return predicted.tolist(), self.reported_probability(outputs).tolist()

    def disagreements(
        self,
        outputs: Floats,
        rule: DecisionRule,
        champion_outputs: Floats,
        champion_rule: DecisionRule,
    ) -> int:
        """Records with another class."""
        predicted = self.predict(outputs, rule.threshold)
        return int((predicted != self.predict(champion_outputs, champion_rule.threshold)).sum())

    def output_type(self) -> Any:
        """A probability, or one for each of several classes."""
        return list[Probability] if self.multiclass else Probability

    def tolerance(self, outputs: Floats) -> float:
        """The same for all probabilities."""
        return TOLERANCE

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
