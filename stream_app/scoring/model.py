"""What scores, as the pure files see it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord
from contract.schema import Schema


class Model(Protocol):
    """A model version that scores."""

    @property
    def name(self) -> str:
        """The registered model."""

    @property
    def version(self) -> str:
        """Its version in the registry."""

    @property
    def schema(self) -> Schema:
        """The schema of the records that it scores."""

    def probabilities(self, records: Sequence[CustomerRecord]) -> NDArray[np.float64]:
        """Of each record, as `contract.schema.classes` says."""
