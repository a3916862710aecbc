"""Reference sets of model versions, from the registry. Owns MLflow for the monitoring."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd
from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable, first_line
from contract.model.version import ModelVersion
from contract.proxies import proxy_hint
from contract.registry import (
    CHAMPION_ALIAS,
    REFERENCE_FILE,
    check_registry_exists,
    is_access_denied,
    registry_denied,
)
from contract.schema import Schema
from contract.schema.task import DEFAULT_RULE, DecisionRule
from contract.settings import Settings, schema_of
from contract.timeouts import call_with_timeout

log = logging.getLogger(__name__)

MAX_CACHED: Final = 4

REGISTRY_TIMEOUT: Final = 60.0
"""Seconds for all requests to the registry about one version."""


@dataclass(frozen=True)
class ReferenceSet:
    """The rows with which windows are compared.

    Attributes:
        version: The model version that they were logged with.
        rows: Columns as `contract.registry.REFERENCE_FILE` says.
        schema: The schema of the rows.
        rule: How the version's outputs become predictions.
    """

    version: str
    rows: pd.DataFrame
    schema: Schema
    rule: DecisionRule = DEFAULT_RULE


class ReferenceSets:
    """Loads and caches the reference sets of the versions that score.

    Used by one thread at a time.
    """

    def __init__(self, settings: Settings, retry_interval: float) -> None:
        """Loads the champion's reference set.

        Args:
            settings: Name of the model, and where its registry is.
            retry_interval: Seconds before a version that failed is loaded again.

        Raises:
            ModelUnavailable: There is no champion, or its reference set cannot be loaded.
        """
        self._settings = settings
        self._retry_interval = retry_interval
        self._retry_at: dict[str, float] = {}
        champion = champion_version(settings)
        self._current = load_reference(settings, champion)
        self._cached = {champion: self._current}

    @property
    def current(self) -> ReferenceSet:
        """The reference set that was used last."""
        return self._current

    def for_version(self, version: str | None) -> ReferenceSet:
        """The reference set of a version; the current one without a version or a registry."""
        if version is None:
            return self._current
        reference = self._cached.get(version) or self._load(version)
        if reference:
            self._current = reference
        return self._current

    def _load(self, version: str) -> ReferenceSet | None:
        now = time.monotonic()
        if now < self._retry_at.get(version, now):
            return None
        try:
            reference = load_reference(self._settings, version)
        except ModelUnavailable as failure:
            log.warning(
                "reference set not loaded version=%s, keeping version=%s: %s",
                version,
                self._current.version,
                failure,
            )
            self._retry_at[version] = now + self._retry_interval
            return None
        self._cached[version] = reference
        while len(self._cached) > MAX_CACHED:
            del self._cached[next(iter(self._cached))]
        log.info("comparing with the reference set of version=%s", version)
        return reference


def champion_version(settings: Settings) -> str:
    """Reads which version is the champion. Raises `ModelUnavailable`."""
    check_registry_exists(settings)

    def request() -> str:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        return str(client.get_model_version_by_alias(settings.model_name, CHAMPION_ALIAS).version)

    try:
        return call_with_timeout(REGISTRY_TIMEOUT, request)
    except Exception as failure:  # noqa: BLE001  whatever a server answers
        raise _unavailable(settings, failure) from None


def load_reference(settings: Settings, version: str) -> ReferenceSet:
    """Downloads the reference set of a version. Raises `ModelUnavailable`."""
    schema = schema_of(settings)

    def request() -> ReferenceSet:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        entry = client.get_model_version(settings.model_name, version)
        rule = ModelVersion.from_tags(version, entry.tags).rule
        with TemporaryDirectory() as folder:
            path = download_artifacts(
                run_id=entry.run_id,
                artifact_path=REFERENCE_FILE,
                dst_path=folder,
                tracking_uri=settings.registry_uri,
            )
            rows = pd.read_csv(Path(path), **schema.csv_types)
            return ReferenceSet(version, rows, schema, rule)

    try:
        return call_with_timeout(REGISTRY_TIMEOUT, request)
    except Exception as failure:  # noqa: BLE001  whatever a server or an artifact store answers
        raise _unavailable(settings, failure) from None


def mlflow_run_url(settings: Settings, ui_url: str, version: str) -> str | None:
    """Address of the run that made a version, on MLflow's UI at `ui_url`.

    Returns:
        None without a UI, for an unknown version, or if the registry does not answer.
    """
    if not ui_url:
        return None
    try:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        run_id = client.get_model_version(settings.model_name, version).run_id
        run = client.get_run(run_id or "").info
    except Exception:  # noqa: BLE001  whatever a server answers
        return None
    return f"{ui_url.rstrip('/')}/#/experiments/{run.experiment_id}/runs/{run.run_id}"


def _unavailable(settings: Settings, failure: Exception) -> ModelUnavailable:
    if is_access_denied(failure):
        return registry_denied(settings, first_line(failure))
    return ModelUnavailable(
        f"no champion of {settings.model_name} with a reference set in the registry "
        f"{settings.registry_uri} ({first_line(failure)}{proxy_hint(settings.registry_uri)}): "
        "train one with `intent train`, or set INTENT_MLFLOW_URI"
    )
