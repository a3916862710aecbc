"""The model that a worker starts with: the champion, or else what scored last on this machine."""

import logging
import time
from typing import Final

from contract.errors import ModelUnavailable
from contract.libraries import configure_libraries
from contract.model.version import ModelVersion
from contract.proxies import proxy_hint
from contract.registry import CHAMPION, registry_denied
from contract.settings import Settings
from stream_app.model.registered import RegisteredModel
from stream_app.model.registries.asking import Denied, Unanswered
from stream_app.model.registries.chosen import registry
from stream_app.model.registries.local import LocalRegistry
from stream_app.swap import last
from stream_app.swap.loading import Loading

log = logging.getLogger(__name__)

SAY_EVERY: Final = 10.0
"""Seconds between two lines on what is waited for."""


class First:
    """The champion on its way: begun at once, waited for when all else is open."""

    def __init__(self, settings: Settings) -> None:
        configure_libraries(settings)  # a registry's server wants a login
        self._settings = settings
        self._loading: Loading | None = None
        self._model: RegisteredModel | None = None
        self._failure: ModelUnavailable | None = None
        try:
            self._loading = Loading(settings, _champion(settings))
            self._model = self._loading.result()
        except ModelUnavailable as failure:
            self._failure = failure

    def wait(self) -> RegisteredModel:
        """The model. Raises `ModelUnavailable` if neither champion nor last one can be had."""
        try:
            model = self._model or self._waited()
        except ModelUnavailable as failure:
            return self._last(failure)
        last.write(self._settings, model.source)
        return model

    def end(self) -> None:
        """Gives it up."""
        if self._loading is not None:
            self._loading.end()

    def _waited(self) -> RegisteredModel:
        if self._loading is None or self._failure is not None:
            raise self._failure or ModelUnavailable("no model was asked for")
        return _result(self._loading)

    def _last(self, failure: ModelUnavailable) -> RegisteredModel:
        version = last.read(self._settings)
        if version is None:
            raise failure
        try:
            model = _result(Loading(self._settings, version))
        except ModelUnavailable:
            raise failure from None
        log.error("%s; version %s, which scored last here, goes on", failure, version.number)
        return model


def load_champion(settings: Settings) -> RegisteredModel:
    """The champion, or else what scored last. Raises `ModelUnavailable`."""
    return First(settings).wait()


def _result(loading: Loading) -> RegisteredModel:
    model: RegisteredModel | None = None
    began = time.monotonic()
    while model is None:
        model = loading.result(SAY_EVERY)
        if model is None:
            waited = time.monotonic() - began
            log.info("waiting for the model to be fetched and checked, %.0f s until now", waited)
    return model


def _champion(settings: Settings) -> ModelVersion | None:
    """The version that the alias names; None if MLflow must be asked. Raises `ModelUnavailable`."""
    asked = registry(settings)
    if asked is None:
        return None
    words = "no version has that alias"
    try:
        number = asked.aliases().get(CHAMPION)
        if number is not None:
            return asked.version(number)
    except Denied as failure:
        raise registry_denied(settings, str(failure)) from None
    except Unanswered as failure:
        # of another MLflow, maybe; a file that is missing MLflow would create
        if isinstance(asked, LocalRegistry) and not settings.registry_is_missing:
            return None
        words = f"{failure}{proxy_hint(settings.registry_uri)}"
    raise ModelUnavailable(
        f"no {CHAMPION} of {settings.model_name} in the registry {settings.registry_uri} "
        f"({words}): train one with `intent train`, or set INTENT_MLFLOW_URI"
    )
