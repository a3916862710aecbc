"""Publishes each lifecycle event to `model-lifecycle`, once."""

import logging
from collections.abc import Iterable
from typing import Final

from contract import codec
from contract.events import LifecycleEvent, LifecycleKind
from contract.outbox import EventRoute, Outbox
from contract.settings import Settings
from training import promotion
from training.controller.metrics import ControllerMetrics
from training.controller.pending_requests import Request
from training.controller.policy import Run
from training.controller.registry_state import RegistryState, VersionState

log = logging.getLogger(__name__)

EVENT_KINDS: Final[dict[str, LifecycleKind]] = {
    promotion.REJECTED: "version_rejected",
    promotion.CHALLENGER_SET: "challenger_set",
    promotion.PROMOTED: "promoted",
    promotion.CONFIRMED: "confirmed",
    promotion.ROLLED_BACK: "rolled_back",
}
"""Event kind of each decision in the registry."""


def open_lifecycle_log(settings: Settings, metrics: ControllerMetrics) -> Outbox[LifecycleEvent]:
    """Opens the outbox of `model-lifecycle`. Raises `BrokerUnreachable`."""

    def on_sent(event: LifecycleEvent) -> None:
        metrics.count_event(event)
        log.info(
            "lifecycle event kind=%s version=%s: %s",
            event.kind,
            event.model_version or "none",
            event.message,
        )

    return Outbox(
        settings,
        EventRoute(
            topic=settings.topic_model_lifecycle,
            decode=codec.decode_lifecycle_event,
            event_id=lambda event: event.id,
            message_key=lambda event: event.model,
            on_delivered=on_sent,
        ),
    )


def requested_event(model: str, request: Request) -> LifecycleEvent:
    """The event of a new request."""
    return LifecycleEvent(
        f"requested/{request.id}",
        "requested",
        request.requested_at,
        model,
        request.trigger.message,
        request_ids=[request.id],
    )


def withdrawn_event(model: str, request: Request, occurred_at: int) -> LifecycleEvent:
    """The event of an alert that was resolved before its training started."""
    return LifecycleEvent(
        f"request_withdrawn/{request.id}",
        "request_withdrawn",
        occurred_at,
        model,
        "the alert was resolved before a training started",
        request_ids=[request.id],
    )


def run_events(model: str, runs: Iterable[Run]) -> list[LifecycleEvent]:
    """The events of the runs, the oldest first."""
    events = []
    for run in runs:
        if run.started is not None:
            message = f"training started, attempt {run.attempt}"
            events.append(_run_event(model, run, "training_started", run.started, message))
        if run.state == "failed" and run.ended is not None:
            events.append(_run_event(model, run, "training_failed", run.ended, run.error))
    return sorted(events, key=lambda event: event.occurred_at)


def version_events(model: str, state: RegistryState) -> list[LifecycleEvent]:
    """The events of the registry's versions, the oldest first."""
    events = [
        event for version in state.versions.values() for event in _version_events(model, version)
    ]
    return sorted(events, key=lambda event: event.occurred_at)


def _run_event(
    model: str, run: Run, kind: LifecycleKind, occurred_at: int, message: str
) -> LifecycleEvent:
    return LifecycleEvent(
        f"{kind}/{run.id}",
        kind,
        occurred_at,
        model,
        message,
        flow_run_id=run.id,
        request_ids=run.request_ids,
    )


def _version_events(model: str, version: VersionState) -> list[LifecycleEvent]:
    registered = LifecycleEvent(
        f"version_registered/{version.version}",
        "version_registered",
        version.created,
        model,
        "version registered",
        model_version=version.version,
        flow_run_id=version.flow_run_id,
        request_ids=list(version.request_ids),
    )
    decisions = [decision for decision in version.decided_at if decision in EVENT_KINDS]
    return [registered, *(_decision_event(model, version, decision) for decision in decisions)]


def _decision_event(model: str, version: VersionState, decision: str) -> LifecycleEvent:
    kind, decided_at = EVENT_KINDS[decision], version.decided_at[decision]
    challenger_since = version.decided_at.get(promotion.CHALLENGER_SET, decided_at)
    if kind == "version_rejected" and challenger_since < decided_at:
        kind = "challenger_rejected"
    return LifecycleEvent(
        f"{kind}/{version.version}/{decided_at}",
        kind,
        decided_at,
        model,
        version.reasons.get(decision, ""),
        model_version=version.version,
        flow_run_id=version.flow_run_id,
        request_ids=list(version.request_ids),
    )
