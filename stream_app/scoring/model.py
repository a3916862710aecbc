"""What scores, as the pure files see it."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord

THRESHOLD: Final = 0.5
"""A probability above it is a 1: what scikit-learn's own `predict` does for two classes."""


class Model(Protocol):
    """A model version that scores."""

    @property
    def name(self) -> str:
        """The registered model."""

    @property
    def version(self) -> str:
        """Its version in the registry."""

    def probabilities(self, records: Sequence[CustomerRecord]) -> NDArray[np.float64]:
        """The probability of a purchase for each record, shape (n,)."""
