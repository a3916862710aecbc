"""Watches the registry's aliases, has what they name loaded, and switches: a thread of a worker.

Nothing here stops the worker: whatever goes wrong, what scores goes on.
"""

import logging
import threading
import time
from typing import Final

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason
from stream_app.model.registered import RegisteredModel
from stream_app.model.registries.asking import Registry, Unanswered
from stream_app.settings import ScorerSettings
from stream_app.swap import last
from stream_app.swap.loading import Loading, too_slow
from stream_app.swap.metrics import SwapMetrics
from stream_app.swap.models import Models, Serving
from stream_app.swap.refusals import Refusals
from stream_app.swap.wanted import Part, Role, wanted

log = logging.getLogger(__name__)

LOOKS: Final = 0.05
"""Seconds between two looks at what is being loaded."""


class Watcher(threading.Thread):
    """Ends with the process, or when it is told to."""

    def __init__(
        self, settings: ScorerSettings, registry: Registry, models: Models, metrics: SwapMetrics
    ) -> None:
        super().__init__(name="watcher", daemon=True)
        self._settings = settings
        self._registry = registry
        self._models = models
        self._metrics = metrics
        self._refusals = Refusals(metrics)
        self._wanted: dict[Role, Part] = {}
        self._loading: dict[Part, Loading] = {}
        self._ready = {models.now.champion.version: models.now.champion}
        self._answers = True
        self._told_to_end = threading.Event()

    def run(self) -> None:
        """Polls the aliases every `INTENT_MODEL_POLL_INTERVAL` seconds, loads more often."""
        due = time.monotonic()
        while not self._told_to_end.is_set():
            try:
                if time.monotonic() >= due:
                    due = time.monotonic() + self._settings.model_poll_interval
                    self.look()
                self.go_on()
            except Exception:
                log.exception("the aliases cannot be followed; what scores goes on")
            rest = max(0.0, due - time.monotonic())
            self._told_to_end.wait(min(LOOKS, rest) if self._loading else rest)
        for loading in self._loading.values():
            loading.end()

    def end(self) -> None:
        """Follows the aliases no more; from any thread."""
        self._told_to_end.set()

    def look(self) -> None:
        """Asks the registry which versions should score."""
        try:
            aliases = self._registry.aliases()
        except Unanswered as failure:
            if self._answers:
                log.warning("the registry does not answer, what scores goes on: %s", failure)
            self._answers = False
            return
        if not self._answers:
            log.info("the registry answers again")
        self._answers = True
        self._metrics.answered()
        self._wanted = wanted(aliases, shadow_enabled=self._settings.shadow_enabled)
        self._forget()

    def go_on(self) -> None:
        """Loads what is missing, as far as that goes at once, and switches to what is there."""
        for part in self._wanted.values():
            if part.number not in self._ready and not self._refusals.holds(part):
                self._load(part)
        self._switch()

    def _forget(self) -> None:
        """Whatever no alias names any more."""
        parts = self._wanted.values()
        self._refusals.keep(parts)
        for part in self._loading.keys() - set(parts):
            self._loading.pop(part).end()
        numbers = {part.number for part in parts}
        self._models.forgive_all_but(numbers)
        numbers.add(self._models.now.champion.version)
        self._ready = {each: model for each, model in self._ready.items() if each in numbers}

    def _load(self, part: Part) -> None:
        try:
            if part not in self._loading:
                self._loading[part] = self._begun(part)
            model = self._loading[part].result()
        except ModelUnavailable as failure:
            self._refuse(part, failure)
        except Exception as failure:
            log.exception("version %s cannot be loaded", part.number)
            self._refuse(part, ModelUnavailable(f"{type(failure).__name__}: {failure}"))
        else:
            if model is not None:
                del self._loading[part]
                self._refusals.end(part)
                self._ready[part.number] = model

    def _begun(self, part: Part) -> Loading:
        log.info("the %s is to be version %s: loading it", *part)
        try:
            version = self._registry.version(part.number)
        except Unanswered as failure:
            raise ModelUnavailable(str(failure)) from None
        champion = self._models.now.champion
        only_compiled = part.role is Role.SHADOW and champion.is_compiled
        return Loading(self._settings, version, beside=True, only_compiled=only_compiled)

    def _refuse(self, part: Part, why: ModelUnavailable) -> None:
        self._loading.pop(part, None)
        self._refusals.add(part, why)

    def _switch(self) -> None:
        now = self._models.now
        champion = self._named(Role.CHAMPION) or now.champion
        shadow = self._named(Role.SHADOW)
        if shadow is champion:  # its successor is not loaded yet
            shadow = None
        if shadow is not None and (why := self._unfit(shadow, champion)):
            if not self._refusals.holds(self._wanted[Role.SHADOW]):
                self._refuse(self._wanted[Role.SHADOW], why)
            shadow = None
        if champion is now.champion and shadow is now.shadow:
            return
        to = Serving(champion, shadow)
        self._models.switch(to)
        self._metrics.scores(to)
        if champion is not now.champion:
            self._metrics.switched()
            log.info("version %s scores, after version %s", champion.version, now.champion.version)
            last.write(self._settings, champion.source)
        if shadow is not now.shadow:
            log.info("in its shadow: %s", f"version {shadow.version}" if shadow else "none")

    def _unfit(self, shadow: RegisteredModel, champion: RegisteredModel) -> ModelRejected | None:
        """Why a model that is loaded must not score in the champion's shadow."""
        if words := self._models.failure(shadow.version):
            return ModelRejected(ModelRejectionReason.FAILED, words)
        # it may have been champion itself, or be loaded beside one that was not compiled either
        if champion.is_compiled and not shadow.is_compiled:
            return too_slow(shadow.version)
        return None

    def _named(self, role: Role) -> RegisteredModel | None:
        return self._ready.get(self._wanted[role].number) if role in self._wanted else None
