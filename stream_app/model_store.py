"""The registry's champion -> a model that scores. The only file of the stage that knows MLflow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mlflow.sklearn
import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from numpy.typing import NDArray

from contract.errors import ModelUnavailable
from contract.events import CustomerRecord
from contract.features import frame
from contract.registry import CHAMPION
from contract.settings import Settings


@dataclass(frozen=True)
class RegisteredModel:
    """A version of the registered model, loaded."""

    name: str
    version: str
    estimator: Any

    def probabilities(self, records: Sequence[CustomerRecord]) -> NDArray[np.float64]:
        """The probability of a purchase for each record, shape (n,)."""
        probabilities: NDArray[np.float64] = self.estimator.predict_proba(frame(records))[:, 1]
        return probabilities


def load_champion(settings: Settings) -> RegisteredModel:
    """The version that the champion alias points at.

    Raises `ModelUnavailable` when the registry does not answer, has no champion, or the
    champion does not load.
    """
    name = settings.model_name
    try:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        version = client.get_model_version_by_alias(name, CHAMPION)
    except MlflowException as failure:
        raise ModelUnavailable(
            f"no champion of {name} in the registry {settings.registry_uri} "
            f"({_first_line(failure)}): train one with `python -m training`, "
            "or set INTENT_MLFLOW_URI"
        ) from None
    mlflow.set_tracking_uri(settings.registry_uri)
    try:
        estimator = mlflow.sklearn.load_model(f"models:/{name}/{version.version}")
    except Exception as failure:
        raise ModelUnavailable(
            f"version {version.version} of {name} does not load ({_first_line(failure)}): "
            "give another version the alias champion"
        ) from failure
    return RegisteredModel(name, str(version.version), estimator)


def _first_line(failure: Exception) -> str:
    return next(iter(str(failure).splitlines()), type(failure).__name__)
