"""The registry's champion -> a model that scores. The only file of the stage that knows MLflow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import skops.io
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from numpy.typing import NDArray

from contract.errors import ModelUnavailable
from contract.events import CustomerRecord
from contract.features import frame
from contract.registry import CHAMPION, MODEL_FILE, TRUSTED_TYPES
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
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    try:
        version = str(client.get_model_version_by_alias(name, CHAMPION).version)
        uri = client.get_model_version_download_uri(name, version)
    except MlflowException as failure:
        raise ModelUnavailable(
            f"no champion of {name} in the registry {settings.registry_uri} "
            f"({_first_line(failure)}): train one with `python -m training`, "
            "or set INTENT_MLFLOW_URI"
        ) from None
    try:
        return RegisteredModel(name, version, _load(uri, settings.registry_uri))
    except Exception as failure:  # whatever a damaged or foreign model raises
        raise ModelUnavailable(
            f"version {version} of {name} does not load ({_first_line(failure)}): "
            f"give another version the alias {CHAMPION}"
        ) from failure


def _load(uri: str, registry: str) -> Any:
    with TemporaryDirectory() as folder:
        local = download_artifacts(uri, dst_path=folder, tracking_uri=registry)
        return skops.io.load(Path(local, MODEL_FILE), trusted=list(TRUSTED_TYPES))


def _first_line(failure: Exception) -> str:
    return next(iter(str(failure).splitlines()), type(failure).__name__)
