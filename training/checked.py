"""A registered version -> its model, after the checks of a scorer: no alias moves without them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Whole, and before `contract.model` imports it with a shorter list of trusted types: in this
# process MLflow loads models too, with the types that skops trusts by itself.
import skops.io  # noqa: F401
from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable, first_line
from contract.model.estimator import load_checked_estimator
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import DIGEST, is_access_denied, registry_denied
from contract.settings import Settings, schema_of
from training.champion import DOES_NOT_EXIST, answering


def load(settings: Settings, version: str) -> Any:
    """The fitted pipeline of a registered version.

    Raises `Refused` if a scorer would not serve it, and another `ModelUnavailable` if the registry
    or the artifact store does not answer.
    """
    with answering(settings) as client:
        return load_with(client, settings, version)


def load_with(client: MlflowClient, settings: Settings, version: str) -> Any:
    """The same, by a client of `training.champion.answering`, which puts its faults into words."""
    name = settings.model_name
    tags = client.get_model_version(name, version).tags
    uri = client.get_model_version_download_uri(name, version)
    with TemporaryDirectory() as download:
        folder = _downloaded(settings, version, uri, download)
        return load_checked_estimator(
            ModelVersion(version, tags.get(DIGEST)), folder, schema_of(settings)
        )


def _downloaded(settings: Settings, version: str, uri: str, to: str) -> Path:
    try:
        return Path(download_artifacts(uri, dst_path=to, tracking_uri=settings.registry_uri))
    except Exception as failure:  # whatever an artifact store raises
        if is_access_denied(failure):
            raise registry_denied(settings, first_line(failure)) from failure
        if _is_missing(failure):
            raise ModelRejected(
                ModelRejectionReason.UNAVAILABLE,
                f"version {version} has no artifacts at {uri} ({first_line(failure)}): restore "
                "them, or train a version with `intent train`",
            ) from failure
        raise ModelUnavailable(
            f"version {version} of {settings.model_name} cannot be fetched "
            f"({first_line(failure)}): check that the artifact store is running"
        ) from failure


def _is_missing(failure: Exception) -> bool:
    answer = getattr(failure, "response", None)
    return (
        isinstance(failure, FileNotFoundError)
        or getattr(failure, "error_code", None) == DOES_NOT_EXIST
        or getattr(answer, "status_code", None) == 404
    )
