"""The model that a worker starts with: the champion, else the last version that served here."""

import logging
import time
from typing import Final

from contract.errors import ModelUnavailable
from contract.libraries import configure_libraries
from contract.model.version import ModelVersion
from contract.proxies import proxy_hint
from contract.registry import CHAMPION_ALIAS, registry_denied
from contract.settings import Settings
from stream_app.models.last_serving_version import (
    load_last_serving_version,
    save_last_serving_version,
)
from stream_app.models.loader import ModelLoader
from stream_app.models.registered_model import RegisteredModel
from stream_app.models.registries import create_registry
from stream_app.models.registries.registry import RegistryAccessDenied, RegistryUnavailable
from stream_app.models.registries.sqlite_registry import SqliteRegistry

log = logging.getLogger(__name__)

LOG_INTERVAL: Final = 10.0
"""Seconds between two log lines while a model loads."""


class InitialModel:
    """Starts to load the champion when it is created, so that other parts can open meanwhile."""

    def __init__(self, settings: Settings) -> None:
        configure_libraries(settings)  # the registry's server may require a login
        self._settings = settings
        self._loader: ModelLoader | None = None
        self._model: RegisteredModel | None = None
        self._failure: ModelUnavailable | None = None
        try:
            self._loader = ModelLoader(settings, _champion_version(settings))
            self._model = self._loader.result()
        except ModelUnavailable as failure:
            self._failure = failure

    def wait(self) -> RegisteredModel:
        """Waits for the model.

        Raises:
            ModelUnavailable: Neither the champion nor the last serving version can be loaded.
        """
        try:
            model = self._model or self._wait_for_champion()
        except ModelUnavailable as failure:
            return self._load_last_serving(failure)
        save_last_serving_version(self._settings, model.source)
        return model

    def cancel(self) -> None:
        """Stops loading."""
        if self._loader is not None:
            self._loader.cancel()

    def _wait_for_champion(self) -> RegisteredModel:
        if self._loader is None or self._failure is not None:
            raise self._failure or ModelUnavailable("no model was requested")
        return _wait_for_result(self._loader)

    def _load_last_serving(self, failure: ModelUnavailable) -> RegisteredModel:
        version = load_last_serving_version(self._settings)
        if version is None:
            raise failure
        try:
            model = _wait_for_result(ModelLoader(self._settings, version))
        except ModelUnavailable:
            raise failure from None
        log.error(
            "champion unavailable, serving the last version of this machine: version=%s error=%s",
            version.number,
            failure,
        )
        return model


def load_initial_model(settings: Settings) -> RegisteredModel:
    """Loads the champion, else the last serving version. Raises `ModelUnavailable`."""
    return InitialModel(settings).wait()


def _wait_for_result(loader: ModelLoader) -> RegisteredModel:
    model: RegisteredModel | None = None
    started = time.monotonic()
    while model is None:
        model = loader.result(LOG_INTERVAL)
        if model is None:
            log.info("waiting for the model: seconds=%.0f", time.monotonic() - started)
    return model


def _champion_version(settings: Settings) -> ModelVersion | None:
    """The version that the alias names; None if only MLflow can read the registry.

    Raises:
        ModelUnavailable: The registry does not answer, or has no champion.
    """
    registry = create_registry(settings)
    if registry is None:
        return None
    cause = "no version has that alias"
    try:
        number = registry.aliases().get(CHAMPION_ALIAS)
        if number is not None:
            return registry.version(number)
    except RegistryAccessDenied as failure:
        raise registry_denied(settings, str(failure)) from None
    except RegistryUnavailable as failure:
        # The file may be of another MLflow version. MLflow would create a missing file.
        if isinstance(registry, SqliteRegistry) and not settings.registry_is_missing:
            return None
        cause = f"{failure}{proxy_hint(settings.registry_uri)}"
    raise ModelUnavailable(
        f"no {CHAMPION_ALIAS} of {settings.model_name} in the registry {settings.registry_uri} "
        f"({cause}): train one with `intent train`, or set INTENT_MLFLOW_URI"
    )
