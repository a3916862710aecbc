"""A watcher that a test turns by hand, and a batch in whose middle the models are switched."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from stream_app.model.compiled import Form
from stream_app.model.registries.local import LocalRegistry
from stream_app.settings import ScorerSettings
from stream_app.swap.first import load_champion
from stream_app.swap.metrics import SwapMetrics
from stream_app.swap.models import Models
from stream_app.swap.watcher import Watcher
from tests.support.builders import eventually


class Watched:
    """A watcher without its thread: each `turn` is one of its looks, and all that follows."""

    def __init__(self, settings: ScorerSettings) -> None:
        self.told = CollectorRegistry()
        self.models = Models(load_champion(settings))
        registry = LocalRegistry(settings.registry_uri, settings.model_name)
        self.watcher = Watcher(settings, registry, self.models, SwapMetrics(self.told))

    def turn(self) -> tuple[str, str | None]:
        """The versions that score afterwards."""
        self.watcher.look()
        self.watcher.go_on()
        eventually(self._has_loaded, deadline=60)
        now = self.models.now
        return now.champion.version, now.shadow.version if now.shadow else None

    def _has_loaded(self) -> bool:
        self.watcher.go_on()
        return not self.watcher._loading

    def refused(self) -> list[tuple[str, str, str]]:
        """Role, version and reason of what the metric calls refused."""
        (found,) = [each for each in self.told.collect() if each.name.endswith("model_refused")]
        return [(each.labels["role"], each.labels["version"], each.labels["reason"])
                for each in found.samples]  # fmt: skip

    def figure(self, name: str) -> float | None:
        return self.told.get_sample_value(name)


@dataclass(frozen=True)
class Switching:
    """A form in the middle of whose batch the models are switched."""

    form: Form
    switch: Callable[[], None]

    def probabilities(self, given: object) -> NDArray[np.float64]:
        self.switch()
        return self.form.probabilities(given)  # type: ignore[arg-type]
