"""The figures of the models that score, by the names that they have in Prometheus."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from contract.model.version import ModelRejectionReason
from stream_app.scoring.shadow import Shadowed
from stream_app.swap.models import Serving


class SwapMetrics:
    """A part of the worker's metrics. Written by the watcher and the event loop."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._model = Info("intent_scorer_model", "The model that scores.", registry=registry)
        self._compiled = Gauge(
            "intent_scorer_model_compiled",
            "1 if the model scores compiled, 0 if in scikit-learn, a hundred times slower.",
            registry=registry,
        )
        self._switches = Counter(
            "intent_scorer_model_reloads",
            "Times that the worker began to score with another champion.",
            registry=registry,
        )
        self._refused = Gauge(
            "intent_scorer_model_rejected",
            "1 for a version that an alias names and this worker refuses, by role and reason.",
            ["role", "version", "reason"],
            registry=registry,
        )
        self._answered = time.monotonic()
        Gauge(
            "intent_scorer_registry_sync_age_seconds",
            "Seconds since the registry told the aliases, or since the start.",
            registry=registry,
        ).set_function(lambda: time.monotonic() - self._answered)
        self._shadow = Gauge(
            "intent_scorer_shadow_version",
            "1 for the version that scores in the champion's shadow; nothing without one.",
            ["version"],
            registry=registry,
        )
        self._shadowed = Counter(
            "intent_scorer_shadow_records",
            "Records that a version scored in the champion's shadow.",
            ["champion", "version"],
            registry=registry,
        )
        self._disagreements = Counter(
            "intent_scorer_shadow_disagreements",
            "Records whose class differs between the champion and the version in its shadow.",
            ["champion", "version"],
            registry=registry,
        )

    def scores(self, serving: Serving) -> None:
        """These models score from now on."""
        champion, shadow = serving.champion, serving.shadow
        self._model.info({"model": champion.name, "version": champion.version})
        self._compiled.set(champion.is_compiled)
        self._shadow.clear()
        if shadow is not None:
            self._shadow.labels(shadow.version).set(1)

    def switched(self) -> None:
        """The champion is another one than before."""
        self._switches.inc()

    def refused(self, role: str, version: str, reason: ModelRejectionReason) -> None:
        """A version is refused, from now on or still."""
        self.accepted(role, version)
        self._refused.labels(role, version, reason).set(1)

    def accepted(self, role: str, version: str) -> None:
        """A version is no more refused, or no more asked for."""
        self._refused.remove_by_labels({"role": role, "version": version})

    def answered(self) -> None:
        """The registry told the aliases."""
        self._answered = time.monotonic()

    def shadowed(self, shadow: Shadowed) -> None:
        """A batch of the shadow was committed."""
        labels = shadow.champion, shadow.version
        self._shadowed.labels(*labels).inc(len(shadow.predictions))
        self._disagreements.labels(*labels).inc(shadow.disagreements)
