"""The interface of a model version, as the pure modules of this package see it."""

from collections.abc import Sequence
from typing import Protocol

from contract.events import CustomerRecord
from contract.schema import Schema
from contract.schema.task import DecisionRule, Floats


class Model(Protocol):
    """A model version that scores records."""

    @property
    def name(self) -> str:
        """Name of the registered model."""

    @property
    def version(self) -> str:
        """Version number in the registry."""

    @property
    def rule(self) -> DecisionRule:
        """How its outputs become predictions."""

    @property
    def schema(self) -> Schema:
        """Schema of the records that it scores."""

    def outputs(self, records: Sequence[CustomerRecord]) -> Floats:
        """Outputs of n records, as `contract.schema.task` defines them."""
