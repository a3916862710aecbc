"""What the gate is given: a new version's figures, and the champion's. Plain data."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.classes import codes
from contract.features import TARGET

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Champion:
    """The version that a challenger is held against.

    Attributes:
        version: in the registry.
        probability: its own of each held-out row of the challenger, as `contract.classes` says;
            None if it does not load.
        skill: what it had on its own held-out rows when it was trained; None if not known.
    """

    version: str
    probability: Floats | None
    skill: float | None


@dataclass(frozen=True)
class Evidence:
    """What is known of a new version.

    Attributes:
        held_out: rows that neither model was fitted on: features and target.
        probability: the new version's of each of them, likewise.
        newest: which of them are of the newest labelled window, shape (n,); none if there is no
            such window.
        reference: the rows whose quartiles bound the groups.
        microseconds: a row in a batch.
    """

    held_out: pd.DataFrame
    probability: Floats
    newest: NDArray[np.bool_]
    reference: pd.DataFrame
    microseconds: float

    @property
    def actual(self) -> NDArray[np.int64]:
        """The places of the held-out rows' classes."""
        return codes(self.held_out[TARGET])
