"""A version of the registered model that scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contract.events import CustomerRecord
from contract.model.version import ModelVersion
from contract.schema import Schema
from contract.schema.classes import Floats
from contract.schema.features import FeatureArrays
from stream_app.model.compiled import Form


@dataclass(frozen=True)
class RegisteredModel:
    """A version of the registered model, loaded.

    `is_compiled` is false where scikit-learn itself scores, which is some hundred times slower.
    """

    name: str
    source: ModelVersion
    form: Form
    schema: Schema
    is_compiled: bool

    @property
    def version(self) -> str:
        """Its version in the registry."""
        return self.source.number

    def probabilities(self, records: Sequence[CustomerRecord]) -> Floats:
        """Of each record, as `contract.schema.classes` says."""
        return self.form.probabilities(self.schema.encoder.to_arrays(records))


@dataclass(frozen=True)
class ScikitLearn:
    """A fitted classifier as it is."""

    estimator: Any
    schema: Schema

    def probabilities(self, given: FeatureArrays) -> Floats:
        """Of each of n records, as `contract.schema.classes` says."""
        found = self.estimator.predict_proba(self.schema.encoder.arrays_to_frame(given))
        return self.schema.classes.arrange(found, self.estimator.classes_)
