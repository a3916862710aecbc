"""A loaded version of the registered model, which scores records."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.events import CustomerRecord
from contract.model.predictor import Predictor
from contract.model.version import ModelVersion
from contract.schema import Schema
from contract.schema.task import DecisionRule, Floats


@dataclass(frozen=True)
class RegisteredModel:
    """A loaded version of the registered model.

    Attributes:
        name: Name of the registered model.
        source: The registry's entry of the version.
        predictor: Computes the outputs.
        schema: Schema of the records that it scores.
        is_compiled: False if the library of the model itself scores.
        row_microseconds: Processor time of a row, measured when the version was checked; 0 of a
            compiled model, which is never too slow for a shadow.
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
    def rule(self) -> DecisionRule:
        """How its outputs become predictions."""
        return self.source.rule

    def outputs(self, records: Sequence[CustomerRecord]) -> Floats:
        """Outputs of n records, as `contract.schema.task` defines them."""
        return self.predictor.outputs(self.schema.encoder.to_arrays(records))
