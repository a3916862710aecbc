"""Prometheus metrics of the serving models and of model reloads."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from contract.model.version import ModelRejectionReason
from stream_app.models.serving import ServingModels
from stream_app.scoring.shadow import ShadowResult


class ReloadMetrics:
    """Registered with the worker's other metrics. Updated by the alias watcher and event loop."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._model = Info(
            "intent_scorer_model",
            "Name and version of the champion that scores.",
            registry=registry,
        )
        self._compiled = Gauge(
            "intent_scorer_model_compiled",
            "1 if the champion is compiled, 0 if its own library scores.",
            registry=registry,
        )
        self._threshold = Gauge(
            "intent_scorer_model_threshold_ratio",
            "Decision threshold of the champion: above this probability, it predicts the positive "
            "class of two.",
            registry=registry,
        )
        self._reloads = Counter(
            "intent_scorer_model_reloads",
            "Model reloads: how often the worker switched to another champion.",
            registry=registry,
        )
        self._rejected = Gauge(
            "intent_scorer_model_rejected",
            "1 for a version that an alias names and this worker rejects, by role and reason.",
            ["role", "version", "reason"],
            registry=registry,
        )
        self._synced_at = time.monotonic()
        Gauge(
            "intent_scorer_registry_sync_age_seconds",
            "Time since the registry last returned the aliases, or since the start.",
            registry=registry,
        ).set_function(lambda: time.monotonic() - self._synced_at)
        self._shadow = Gauge(
            "intent_scorer_shadow_version",
            "1 for the version that scores in the champion's shadow. Absent without a shadow.",
            ["version"],
            registry=registry,
        )
        self._shadow_records = Counter(
            "intent_scorer_shadow_records",
            "Records that a version scored in the champion's shadow.",
            ["champion", "version"],
            registry=registry,
        )
        self._disagreements = Counter(
            "intent_scorer_shadow_disagreements",
            "Records for which the shadow predicts another class than the champion, or a number "
            "outside of its interval.",
            ["champion", "version"],
            registry=registry,
        )

    def set_serving_models(self, models: ServingModels) -> None:
        """Sets the models that score from now on."""
        champion, shadow = models.champion, models.shadow
        self._model.info({"model": champion.name, "version": champion.version})
        self._compiled.set(champion.is_compiled)
        self._threshold.set(champion.rule.threshold)
        self._shadow.clear()
        if shadow is not None:
            self._shadow.labels(shadow.version).set(1)

    def add_reload(self) -> None:
        """Counts a switch to another champion."""
        self._reloads.inc()

    def set_rejected(self, role: str, version: str, reason: ModelRejectionReason) -> None:
        """Marks a version as rejected, with its current reason only."""
        self.clear_rejected(role, version)
        self._rejected.labels(role, version, reason).set(1)

    def clear_rejected(self, role: str, version: str) -> None:
        """Removes the mark of a version that is accepted, or that no alias names any longer."""
        self._rejected.remove_by_labels({"role": role, "version": version})

    def mark_registry_sync(self) -> None:
        """Records that the registry has just returned the aliases."""
        self._synced_at = time.monotonic()

    def add_shadow_batch(self, shadow: ShadowResult) -> None:
        """Counts the records of a committed batch that the shadow scored."""
        labels = shadow.champion, shadow.version
        self._shadow_records.labels(*labels).inc(len(shadow.predictions))
        self._disagreements.labels(*labels).inc(shadow.disagreements)
