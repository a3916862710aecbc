"""A loaded version of the registered model, which scores records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contract.events import CustomerRecord
from contract.model.version import ModelVersion
from contract.schema import Schema
from contract.schema.classes import Floats
from contract.schema.features import FeatureArrays


class Predictor(Protocol):
    """A compiled model, or a scikit-learn model behind the same interface."""

    def probabilities(self, features: FeatureArrays) -> Floats:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""


@dataclass(frozen=True)
class RegisteredModel:
    """A loaded version of the registered model.

    Attributes:
        name: Name of the registered model.
        source: The registry's entry of the version.
        predictor: Computes the probabilities.
        schema: Schema of the records that it scores.
        is_compiled: False if scikit-learn itself scores, which takes about a hundred times longer.
    """

    name: str
    source: ModelVersion
    predictor: Predictor
    schema: Schema
    is_compiled: bool

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


@dataclass(frozen=True)
class SklearnModel:
    """A fitted scikit-learn classifier that is not compiled."""

    estimator: Any
    schema: Schema

    def probabilities(self, features: FeatureArrays) -> Floats:
        """Class probabilities of n records, in the shape that `contract.schema.classes` defines."""
        probabilities = self.estimator.predict_proba(self.schema.encoder.arrays_to_frame(features))
        return self.schema.classes.arrange(probabilities, self.estimator.classes_)
