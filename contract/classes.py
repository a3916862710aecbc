"""What is predicted, as its class and as its place among the classes: probabilities -> classes.

Of two classes a probability is that of the latter, and n records have n of them. Of several there
is one for each class, shape (n, classes), and a prediction tells that of its class.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract.table.chosen import TABLE

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]

CLASSES: Final = TABLE.target.classes
CODES: Final = {each: code for code, each in enumerate(CLASSES)}
SEVERAL: Final = len(CLASSES) > 2
TEXTS: Final = isinstance(CLASSES[0], str)
"""Whether the classes are texts; else they are whole numbers."""
_VALUES: Final = np.array(CLASSES, dtype=object if TEXTS else np.int64)

THRESHOLD: Final = 0.5
"""Of two classes, a probability above it is the latter: as scikit-learn's own `predict` has it."""


def predicted(probabilities: Floats) -> Codes:
    """The place of the class that is predicted for each record, shape (n,)."""
    if SEVERAL:
        return np.asarray(probabilities.reshape(-1, len(CLASSES)).argmax(axis=1))
    return (probabilities > THRESHOLD).astype(np.intp)


def told(probabilities: Floats) -> Floats:
    """The probability that a prediction tells, shape (n,)."""
    if SEVERAL:
        return np.asarray(probabilities.reshape(-1, len(CLASSES)).max(axis=1))
    return probabilities


def values(codes: Codes) -> NDArray[Any]:
    """The classes at these places, shape (n,)."""
    found: NDArray[Any] = _VALUES[codes]
    return found


def codes(classes: Iterable[Any]) -> Codes:
    """The places of these classes, shape (n,)."""
    return np.array([CODES[each] for each in classes], dtype=np.intp)


def of_classifier(probabilities: Floats, classes: Sequence[Any] | NDArray[Any]) -> Floats:
    """What a classifier's `predict_proba` says, its columns in the order of its `classes_`."""
    known = np.asarray(classes).tolist()
    order = [known.index(each) for each in CLASSES]
    return probabilities[:, order] if SEVERAL else probabilities[:, order[1]]
