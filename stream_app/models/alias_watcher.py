"""Model reload (hot reload): follows the registry's aliases and switches models between batches.

Nothing here stops the worker. Whatever fails, the current models keep scoring.
"""

import logging
import threading
import time
from typing import Final

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason
from stream_app.models.desired_versions import (
    DesiredVersion,
    RejectedVersions,
    Role,
    desired_versions,
)
from stream_app.models.last_serving_version import save_last_serving_version
from stream_app.models.loader import ModelLoader, too_slow_for_shadow
from stream_app.models.registered_model import RegisteredModel
from stream_app.models.registries.registry import ModelRegistry, RegistryUnavailable
from stream_app.models.reload_metrics import ReloadMetrics
from stream_app.models.serving import ServingModels, ServingState
from stream_app.settings import ScorerSettings

log = logging.getLogger(__name__)

LOAD_POLL_INTERVAL: Final = 0.05
"""Seconds between two checks of the versions that are being loaded."""


class AliasWatcher(threading.Thread):
    """Runs until `stop` is called or the process ends."""

    def __init__(
        self,
        settings: ScorerSettings,
        *,
        registry: ModelRegistry,
        serving: ServingState,
        metrics: ReloadMetrics,
    ) -> None:
        super().__init__(name="alias-watcher", daemon=True)
        self._settings = settings
        self._registry = registry
        self._serving = serving
        self._metrics = metrics
        self._rejected = RejectedVersions(metrics)
        self._desired: dict[Role, DesiredVersion] = {}
        self._loaders: dict[DesiredVersion, ModelLoader] = {}
        champion = serving.models.champion
        self._loaded = {champion.version: champion}
        self._registry_available = True
        self._stopping = threading.Event()

    def run(self) -> None:
        """Polls the aliases every INTENT_MODEL_POLL_INTERVAL seconds, and loads more often."""
        next_poll_at = time.monotonic()
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= next_poll_at:
                    next_poll_at = time.monotonic() + self._settings.model_poll_interval
                    self.poll_aliases()
                self.advance()
            except Exception:
                log.exception("cannot follow the aliases, keeping the current models")
            remaining = max(0.0, next_poll_at - time.monotonic())
            self._stopping.wait(min(LOAD_POLL_INTERVAL, remaining) if self._loaders else remaining)
        for loader in self._loaders.values():
            loader.cancel()

    def stop(self) -> None:
        """Stops following the aliases. Thread-safe."""
        self._stopping.set()

    def poll_aliases(self) -> None:
        """Asks the registry which versions should score."""
        try:
            aliases = self._registry.aliases()
        except RegistryUnavailable as failure:
            if self._registry_available:
                log.warning("registry unavailable, keeping the current models: error=%s", failure)
            self._registry_available = False
            return
        if not self._registry_available:
            log.info("registry available again")
        self._registry_available = True
        self._metrics.mark_registry_sync()
        self._desired = desired_versions(aliases, shadow_enabled=self._settings.shadow_enabled)
        self._drop_undesired()

    def advance(self) -> None:
        """Starts and continues loads without waiting, and switches to what is loaded."""
        for version in self._desired.values():
            if version.number not in self._loaded and not self._rejected.is_rejected(version):
                self._load(version)
        self._switch()

    def _drop_undesired(self) -> None:
        """Drops loads, models and rejections of versions that no alias names any longer."""
        desired = self._desired.values()
        self._rejected.remove_all_except(desired)
        for version in self._loaders.keys() - set(desired):
            self._loaders.pop(version).cancel()
        numbers = {version.number for version in desired}
        self._serving.clear_shadow_failures(keep=numbers)
        numbers.add(self._serving.models.champion.version)
        self._loaded = {
            number: model for number, model in self._loaded.items() if number in numbers
        }

    def _load(self, version: DesiredVersion) -> None:
        try:
            if version not in self._loaders:
                self._loaders[version] = self._start_loading(version)
            model = self._loaders[version].result()
        except ModelUnavailable as failure:
            self._reject(version, failure)
        except Exception as failure:
            log.exception("cannot load version=%s", version.number)
            self._reject(version, ModelUnavailable(f"{type(failure).__name__}: {failure}"))
        else:
            if model is not None:
                del self._loaders[version]
                self._rejected.remove_version(version)
                self._loaded[version.number] = model

    def _start_loading(self, desired: DesiredVersion) -> ModelLoader:
        log.info("loading role=%s version=%s", *desired)
        try:
            version = self._registry.version(desired.number)
        except RegistryUnavailable as failure:
            raise ModelUnavailable(str(failure)) from None
        limit = float("inf")
        if desired.role is Role.SHADOW:
            limit = self._shadow_limit(self._serving.models.champion)
        return ModelLoader(self._settings, version, low_priority=True, max_row_microseconds=limit)

    def _shadow_limit(self, champion: RegisteredModel) -> float:
        """Microseconds that a shadow may take for a row."""
        return max(self._settings.shadow_max_row_microseconds, champion.row_microseconds)

    def _reject(self, version: DesiredVersion, error: ModelUnavailable) -> None:
        self._loaders.pop(version, None)
        self._rejected.add_version(version, error)

    def _switch(self) -> None:
        current = self._serving.models
        champion = self._loaded_model(Role.CHAMPION) or current.champion
        shadow = self._loaded_model(Role.SHADOW)
        if shadow is champion:  # the new champion is not loaded yet
            shadow = None
        if shadow is not None and (error := self._shadow_error(shadow, champion)):
            if not self._rejected.is_rejected(self._desired[Role.SHADOW]):
                self._reject(self._desired[Role.SHADOW], error)
            shadow = None
        if champion is current.champion and shadow is current.shadow:
            return
        models = ServingModels(champion, shadow)
        self._serving.switch(models)
        self._metrics.set_serving_models(models)
        if champion is not current.champion:
            self._metrics.add_reload()
            log.info(
                "now serving version=%s previous=%s", champion.version, current.champion.version
            )
            save_last_serving_version(self._settings, champion.source)
        if shadow is not current.shadow:
            log.info("now serving shadow=%s", shadow.version if shadow else "none")

    def _shadow_error(
        self, shadow: RegisteredModel, champion: RegisteredModel
    ) -> ModelRejected | None:
        """Why a loaded model must not be the champion's shadow; None if it may."""
        if failure := self._serving.shadow_failure(shadow.version):
            return ModelRejected(ModelRejectionReason.FAILED, failure)
        # It may have been champion itself, or have been loaded when the champion was slower.
        limit = self._shadow_limit(champion)
        if shadow.row_microseconds > limit:
            return too_slow_for_shadow(shadow.version, shadow.row_microseconds, limit)
        return None

    def _loaded_model(self, role: Role) -> RegisteredModel | None:
        return self._loaded.get(self._desired[role].number) if role in self._desired else None
