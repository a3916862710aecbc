"""Every figure of the loop, by the name that it has in Prometheus."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from contract.events import LifecycleEvent, LifecycleKind
from training.loop.decision import ACTIVE, Run
from training.loop.request import Request

TRIGGERS: Final = ("schedule", "alert", "person")
RESULTS: Final[dict[LifecycleKind, str]] = {
    "requested": "requested",
    "request_withdrawn": "withdrawn",
    "training_started": "started",
    "training_failed": "failed",
    "version_registered": "completed",
}
"""Value of the label `result` for each kind of event that is about a training."""
DECISIONS: Final[tuple[LifecycleKind, ...]] = (
    "version_rejected",
    "challenger_set",
    "challenger_rejected",
    "promoted",
    "confirmed",
    "rolled_back",
)


class LoopMetrics:
    """The metrics of one process, in a registry of its own. Counters are told from 0 on."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._retrains = Counter(
            "intent_retrainings",
            "Trainings, by what caused them and what became of them.",
            ["trigger", "result"],
            registry=self.registry,
        )
        for trigger in TRIGGERS:
            for result in RESULTS.values():
                self._retrains.labels(trigger, result)
        self._changes = Counter(
            "intent_model_decisions",
            "Decisions on versions of the model.",
            ["decision"],
            registry=self.registry,
        )
        for decision in DECISIONS:
            self._changes.labels(decision)
        self._running = self._gauge("intent_retraining_running", "Whether a training runs, 0 or 1.")
        self._waiting = self._gauge("intent_retraining_pending_requests", "Requests that wait.")
        self._oldest = self._gauge(
            "intent_retraining_oldest_request_age_seconds",
            "Age of the oldest request that waits; 0 without one.",
        )
        self._cooldown = self._gauge(
            "intent_retraining_cooldown_seconds", "Time until a training may start again."
        )
        self._ended = self._gauge(
            "intent_retraining_end_timestamp_seconds",
            "End of the last training, seconds since the epoch.",
        )
        self._given_up = self._gauge(
            "intent_retraining_failed", "Whether the last training failed in all its attempts."
        )
        self._prefect = self._gauge("intent_prefect_up", "Whether Prefect answers, 0 or 1.")
        self._registry = self._gauge(
            "intent_registry_up", "Whether the registry answers the loop, 0 or 1."
        )
        self._judged = self._gauge(
            "intent_evaluation_records",
            "Records with an outcome that the challenger, or the champion on probation, is judged "
            "by.",
            "phase",
        )
        self._difference = self._gauge(
            "intent_evaluation_accuracy_difference",
            "Accuracy of the newer model less that of the older one on the judged records.",
            "phase",
        )
        self._last = Info(
            "intent_model_last_decision",
            "The last decision on a version of the model.",
            registry=self.registry,
        )
        self._alive = self._gauge(
            "intent_training_heartbeat_timestamp_seconds",
            "Last turn of the loop, seconds since the epoch.",
        )

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(name, documentation, labels, registry=self.registry)

    def turned(self, now: int, waiting: Sequence[Request], cooldown_until: int) -> None:
        """A turn is over; times in ms."""
        self._alive.set(now / 1000)
        self._waiting.set(len(waiting))
        oldest = min((request.at for request in waiting), default=now)
        self._oldest.set(max(0, now - oldest) / 1000)
        self._cooldown.set(max(0, cooldown_until - now) / 1000)

    def runs(self, runs: Sequence[Run], attempts: int) -> None:
        """These are Prefect's latest runs; each may be tried so often."""
        self._prefect.set(1)
        self._running.set(any(run.state in ACTIVE for run in runs))
        self._ended.set(max((run.ended or 0 for run in runs), default=0) / 1000)
        last = max(runs, key=lambda run: run.begun, default=None)
        failed = last is not None and last.state == "failed" and last.attempt >= attempts
        self._given_up.set(failed)

    def prefect_away(self) -> None:
        """Prefect does not answer."""
        self._prefect.set(0)

    def registry_answers(self, answers: bool) -> None:
        """Whether the registry does."""
        self._registry.set(answers)

    def judged(self, phase: str, records: int, difference: float) -> None:
        """So the `challenger`, or the champion on `probation`, does; no records where none is."""
        self._judged.labels(phase).set(records)
        self._difference.labels(phase).set(difference)

    def decided(self, event: LifecycleEvent) -> None:
        """A step of a model's life was told for the first time."""
        if event.kind in RESULTS:
            self._retrains.labels(_trigger(event), RESULTS[event.kind]).inc()
        if event.kind in DECISIONS:
            self._changes.labels(event.kind).inc()
            self._last.info(
                {
                    "decision": event.kind,
                    "version": event.model_version or "",
                    "decided_at": str(event.occurred_at),
                    "reason": event.message[:200],
                }
            )


def _trigger(event: LifecycleEvent) -> str:
    kinds = {name.partition("/")[0] for name in event.request_ids}
    return next((trigger for trigger in ("alert", "person") if trigger in kinds), "schedule")
