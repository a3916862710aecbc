"""An alias watcher that a test polls itself, and a model that switches versions within a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from contract.model.predictor import Predictor
from stream_app.models.alias_watcher import AliasWatcher
from stream_app.models.initial_model import load_initial_model
from stream_app.models.registries.sqlite_registry import SqliteRegistry
from stream_app.models.reload_metrics import ReloadMetrics
from stream_app.models.serving import ServingState
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually


class ManualWatcher:
    """An alias watcher without its thread."""

    def __init__(self, settings: ScorerSettings) -> None:
        self.metrics = CollectorRegistry()
        self.serving = ServingState(load_initial_model(settings))
        self.thread = AliasWatcher(
            settings,
            registry=SqliteRegistry(settings.registry_uri, settings.model_name),
            serving=self.serving,
            metrics=ReloadMetrics(self.metrics),
        )

    def poll(self) -> tuple[str, str | None]:
        """Polls the aliases, and waits for all loads. Returns champion and shadow afterwards."""
        self.thread.poll_aliases()
        self.thread.advance()
        eventually(self._has_loaded, deadline=60)
        models = self.serving.models
        return models.champion.version, models.shadow.version if models.shadow else None

    def _has_loaded(self) -> bool:
        self.thread.advance()
        return not self.thread._loaders

    def rejected(self) -> list[tuple[str, str, str]]:
        """Role, version and reason of the versions that the metric reports as rejected."""
        (family,) = [each for each in self.metrics.collect() if each.name.endswith("rejected")]
        return [
            (sample.labels["role"], sample.labels["version"], sample.labels["reason"])
            for sample in family.samples
        ]

    def metric(self, name: str) -> float | None:
        return self.metrics.get_sample_value(name)


@dataclass(frozen=True)
class Switching:
    """A predictor that switches the serving models in the middle of its batch."""

    predictor: Predictor
    switch: Callable[[], None]

    def outputs(self, features: object) -> NDArray[np.float64]:
        self.switch()
        return self.predictor.outputs(features)  # type: ignore[arg-type]
