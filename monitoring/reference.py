"""The champion's reference set, from the registry. The only file of the stage that knows MLflow."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable
from contract.registry import CHAMPION, REFERENCE
from contract.settings import Settings


@dataclass(frozen=True)
class Reference:
    """What windows are compared with.

    Attributes:
        version: the champion's version.
        rows: its reference set, columns as `contract.registry.REFERENCE` says.
    """

    version: str
    rows: pd.DataFrame


def champion_version(settings: Settings) -> str:
    """The version that is champion now. Raises `ModelUnavailable`."""
    try:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        return str(client.get_model_version_by_alias(settings.model_name, CHAMPION).version)
    except MlflowException as failure:
        raise _unavailable(settings, failure) from None


def load_reference(settings: Settings, version: str) -> Reference:
    """The reference set of a version. Raises `ModelUnavailable`."""
    try:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        run = client.get_model_version(settings.model_name, version).run_id
        with TemporaryDirectory() as folder:
            path = download_artifacts(
                run_id=run,
                artifact_path=REFERENCE,
                dst_path=folder,
                tracking_uri=settings.registry_uri,
            )
            return Reference(version, pd.read_csv(Path(path)))
    except (MlflowException, OSError) as failure:
        raise _unavailable(settings, failure) from None


def _unavailable(settings: Settings, failure: Exception) -> ModelUnavailable:
    reason = next(iter(str(failure).splitlines()), type(failure).__name__)
    return ModelUnavailable(
        f"no champion of {settings.model_name} with a reference set in the registry "
        f"{settings.registry_uri} ({reason}): train one with `python -m training`, "
        "or set INTENT_MLFLOW_URI"
    )
