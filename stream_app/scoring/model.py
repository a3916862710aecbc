"""What scores, as the pure files see it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord


class Model(Protocol):
    """A model version that scores."""

    @property
    def name(self) -> str:
        """The registered model."""

    @property
    def version(self) -> str:
        """Its version in the registry."""

    def probabilities(self, records: Sequence[CustomerRecord]) -> NDArray[np.float64]:
        """Of each record, as `contract.classes` says."""
