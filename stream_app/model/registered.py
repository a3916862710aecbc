"""A version of the registered model that scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contract.classes import of_classifier
from contract.events import CustomerRecord
from contract.features import Columns, Floats, columns, frame_of
from contract.model.version import Version
from stream_app.model.compiled import Form


@dataclass(frozen=True)
class RegisteredModel:
    """A version of the registered model, loaded.

    `is_compiled` is false where scikit-learn itself scores, which is some hundred times slower.
    """

    name: str
    source: Version
    form: Form
    is_compiled: bool

    @property
    def version(self) -> str:
        """Its version in the registry."""
        return self.source.number

    def probabilities(self, records: Sequence[CustomerRecord]) -> Floats:
        """Of each record, as `contract.classes` says."""
        return self.form.probabilities(columns(records))


@dataclass(frozen=True)
class ScikitLearn:
    """A fitted classifier as it is."""

    estimator: Any

    def probabilities(self, given: Columns) -> Floats:
        """Of each of n records, as `contract.classes` says."""
        found = self.estimator.predict_proba(frame_of(given))
        return of_classifier(found, self.estimator.classes_)
