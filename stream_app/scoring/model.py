"""The interface of a model version, as the pure modules of this package see it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord
from contract.schema import Schema


class Model(Protocol):
    """A model version that scores records."""

    @property
    def name(self) -> str:
        """Name of the registered model."""

    @property
    def version(self) -> str:
        """Version number in the registry."""

    @property
    def threshold(self) -> float:
        """Above this probability, it predicts the positive class of two."""

    @property
    def schema(self) -> Schema:
        """Schema of the records that it scores."""

    def probabilities(self, records: Sequence[CustomerRecord]) -> NDArray[np.float64]:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""
