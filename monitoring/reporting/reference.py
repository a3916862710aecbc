"""The models' reference sets, from the registry. The only file of the stage that knows MLflow."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd
from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

from contract.deadline import within
from contract.errors import ModelUnavailable, first_line
from contract.features import csv_types
from contract.proxies import proxy_hint
from contract.registry import CHAMPION, REFERENCE, check_registry
from contract.registry_login import denied, is_refusal
from contract.settings import Settings

log = logging.getLogger(__name__)

MOST_KEPT: Final = 4

REGISTRY_TIMEOUT: Final = 60.0
"""Seconds for all that is asked of the registry about one version."""


@dataclass(frozen=True)
class Reference:
    """What windows are compared with.

    Attributes:
        version: the model's version.
        rows: its reference set, columns as `contract.registry.REFERENCE` says.
    """

    version: str
    rows: pd.DataFrame


class References:
    """The reference sets of the versions that score. Used by one thread at a time."""

    def __init__(self, settings: Settings, again_after: float) -> None:
        """Loads the champion's. Raises `ModelUnavailable`.

        A set that could not be had is not asked for again before `again_after` seconds.
        """
        self._settings = settings
        self._again_after = again_after
        self._refused: dict[str, float] = {}
        champion = champion_version(settings)
        self._last = load_reference(settings, champion)
        self._known = {champion: self._last}

    @property
    def last(self) -> Reference:
        """The one that was used last."""
        return self._last

    def of(self, version: str | None) -> Reference:
        """The set of a version; the last one where there is none, or the registry is away."""
        if version is None:
            return self._last
        found = self._known.get(version) or self._load(version)
        if found:
            self._last = found
        return self._last

    def _load(self, version: str) -> Reference | None:
        now = time.monotonic()
        if now < self._refused.get(version, now):
            return None
        try:
            found = load_reference(self._settings, version)
        except ModelUnavailable as failure:
            log.warning("keeping the reference of version %s: %s", self._last.version, failure)
            self._refused[version] = now + self._again_after
            return None
        self._known[version] = found
        while len(self._known) > MOST_KEPT:
            del self._known[next(iter(self._known))]
        log.info("the reference is that of version %s now", version)
        return found


def champion_version(settings: Settings) -> str:
    """The version that is champion now. Raises `ModelUnavailable`."""
    check_registry(settings)

    def ask() -> str:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        return str(client.get_model_version_by_alias(settings.model_name, CHAMPION).version)

    try:
        return within(REGISTRY_TIMEOUT, ask)
    except Exception as failure:  # noqa: BLE001  whatever a server answers
        raise _unavailable(settings, failure) from None


def load_reference(settings: Settings, version: str) -> Reference:
    """The reference set of a version. Raises `ModelUnavailable`."""

    def ask() -> Reference:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        run = client.get_model_version(settings.model_name, version).run_id
        with TemporaryDirectory() as folder:
            path = download_artifacts(
                run_id=run,
                artifact_path=REFERENCE,
                dst_path=folder,
                tracking_uri=settings.registry_uri,
            )
            return Reference(version, pd.read_csv(Path(path), **csv_types()))

    try:
        return within(REGISTRY_TIMEOUT, ask)
    except Exception as failure:  # noqa: BLE001  whatever a server or an artifact store answers
        raise _unavailable(settings, failure) from None


def run_page(settings: Settings, mlflow: str, version: str) -> str | None:
    """Address, on MLflow's pages at `mlflow`, of the run that made a version.

    None without such pages, or where there is no such version or no answer.
    """
    if not mlflow:
        return None
    try:
        client = MlflowClient(settings.registry_uri, settings.registry_uri)
        made_by = client.get_model_version(settings.model_name, version).run_id
        run = client.get_run(made_by or "").info
    except Exception:  # noqa: BLE001  whatever a server answers
        return None
    return f"{mlflow.rstrip('/')}/#/experiments/{run.experiment_id}/runs/{run.run_id}"


def _unavailable(settings: Settings, failure: Exception) -> ModelUnavailable:
    if is_refusal(failure):
        return denied(settings, first_line(failure))
    return ModelUnavailable(
        f"no champion of {settings.model_name} with a reference set in the registry "
        f"{settings.registry_uri} ({first_line(failure)}{proxy_hint(settings.registry_uri)}): "
        "train one with `intent train`, or set INTENT_MLFLOW_URI"
    )
