"""A loaded version of the registered model, which scores records."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.events import CustomerRecord
from contract.model.predictor import Predictor
from contract.model.version import ModelVersion
from contract.schema import Schema
from contract.schema.classes import Floats


@dataclass(frozen=True)
class RegisteredModel:
    """A loaded version of the registered model.

    Attributes:
        name: Name of the registered model.
        source: The registry's entry of the version.
        predictor: Computes the probabilities.
        schema: Schema of the records that it scores.
        is_compiled: False if the library of the model itself scores.
        row_microseconds: Processor time of a row, measured when the version was checked; 0 of a
            compiled model, which takes a hundredth of a microsecond.
    """

    name: str
    source: ModelVersion
    predictor: Predictor
    schema: Schema
    is_compiled: bool
    row_microseconds: float = 0.0

    @property
    def version(self) -> str:
        """Version number in the registry."""
        return self.source.number

    @property
    def threshold(self) -> float:
        """Above this probability, it predicts the positive class of two."""
        return self.source.threshold

    def probabilities(self, records: Sequence[CustomerRecord]) -> Floats:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""
        return self.predictor.probabilities(self.schema.encoder.to_arrays(records))
