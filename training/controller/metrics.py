"""The retraining controller's Prometheus metrics."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from contract.events import LifecycleEvent, LifecycleKind
from training.controller.pending_requests import Request
from training.controller.policy import ACTIVE_STATES, Run

TRIGGERS: Final = ("schedule", "alert", "person")
RESULTS: Final[dict[LifecycleKind, str]] = {
    "requested": "requested",
    "request_withdrawn": "withdrawn",
    "training_started": "started",
    "training_failed": "failed",
    "version_registered": "completed",
}
"""Label `result` of each event kind of a retraining."""
DECISIONS: Final[tuple[LifecycleKind, ...]] = (
    "version_rejected",
    "challenger_set",
    "challenger_rejected",
    "promoted",
    "confirmed",
    "rolled_back",
)


class ControllerMetrics:
    """The metrics of one process, in their own registry. All counters are exported from 0 on."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._retrainings = Counter(
            "intent_retrainings",
            "Retrainings by trigger and result.",
            ["trigger", "result"],
            registry=self.registry,
        )
        for trigger in TRIGGERS:
            for result in RESULTS.values():
                self._retrainings.labels(trigger, result)
        self._decisions = Counter(
            "intent_model_decisions",
            "Decisions on model versions.",
            ["decision"],
            registry=self.registry,
        )
        for decision in DECISIONS:
            self._decisions.labels(decision)
        self._running = self._gauge(
            "intent_retraining_running", "1 while a training is running, else 0."
        )
        self._pending = self._gauge("intent_retraining_pending_requests", "Requests without a run.")
        self._oldest = self._gauge(
            "intent_retraining_oldest_request_age_seconds",
            "Age of the oldest pending request; 0 without one.",
        )
        self._cooldown = self._gauge(
            "intent_retraining_cooldown_seconds",
            "Time until a training may start again; 0 outside the cooldown.",
        )
        self._ended = self._gauge(
            "intent_retraining_end_timestamp_seconds",
            "When the last training ended.",
        )
        self._failed = self._gauge(
            "intent_retraining_failed", "1 if the last training failed in all attempts, else 0."
        )
        self._prefect = self._gauge("intent_prefect_up", "1 if Prefect answers, else 0.")
        self._registry = self._gauge(
            "intent_registry_up", "1 if the registry answers the controller, else 0."
        )
        self._evaluated = self._gauge(
            "intent_evaluation_records",
            "Records with an outcome in the evaluation of the challenger or of the champion on "
            "probation.",
            "phase",
        )
        self._difference = self._gauge(
            "intent_evaluation_accuracy_difference",
            "Accuracy of the newer version minus that of the older one on the evaluated records; "
            "with unequal costs, an error weighs its cost divided by the cheaper one.",
            "phase",
        )
        self._last = Info(
            "intent_model_last_decision",
            "The last decision on a model version.",
            registry=self.registry,
        )
        self._heartbeat = self._gauge(
            "intent_training_heartbeat_timestamp_seconds",
            "When the controller last reconciled.",
        )

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(name, documentation, labels, registry=self.registry)

    def set_pending(self, now: int, pending: Sequence[Request], cooldown_end: int) -> None:
        """Sets pending requests, cooldown and heartbeat; times in ms since the epoch."""
        self._heartbeat.set(now / 1000)
        self._pending.set(len(pending))
        oldest = min((request.requested_at for request in pending), default=now)
        self._oldest.set(max(0, now - oldest) / 1000)
        self._cooldown.set(max(0, cooldown_end - now) / 1000)

    def set_runs(self, runs: Sequence[Run], max_attempts: int) -> None:
        """Sets the figures of Prefect's latest runs."""
        self._prefect.set(1)
        self._running.set(any(run.state in ACTIVE_STATES for run in runs))
        self._ended.set(max((run.ended or 0 for run in runs), default=0) / 1000)
        last = max(runs, key=lambda run: run.started_or_created, default=None)
        failed = last is not None and last.state == "failed" and last.attempt >= max_attempts
        self._failed.set(failed)

    def set_prefect_down(self) -> None:
        """Records that Prefect does not answer."""
        self._prefect.set(0)

    def set_registry_up(self, up: bool) -> None:
        """Records whether the registry answers."""
        self._registry.set(up)

    def set_evaluation(self, phase: str, records: int, difference: float) -> None:
        """Sets an evaluation of the phase `challenger` or `probation`; 0 records without one."""
        self._evaluated.labels(phase).set(records)
        self._difference.labels(phase).set(difference)

    def count_event(self, event: LifecycleEvent) -> None:
        """Counts a lifecycle event that was published for the first time."""
        if event.kind in RESULTS:
            self._retrainings.labels(_trigger(event), RESULTS[event.kind]).inc()
        if event.kind in DECISIONS:
            self._decisions.labels(event.kind).inc()
            self._last.info(
                {
                    "decision": event.kind,
                    "version": event.model_version or "",
                    "decided_at": str(event.occurred_at),
                    "reason": event.message[:200],
                }
            )


def _trigger(event: LifecycleEvent) -> str:
    kinds = {id_.partition("/")[0] for id_ in event.request_ids}
    return next((trigger for trigger in ("alert", "person") if trigger in kinds), "schedule")
