"""Publishes each lifecycle event of a model version to `model-lifecycle`, once."""

import logging
from collections.abc import Iterable

from contract import codec
from contract.events import LifecycleEvent, LifecycleKind
from contract.outbox import EventRoute, Outbox
from contract.settings import Settings
from training.loop.decision import Run
from training.loop.metrics import LoopMetrics
from training.loop.request import Request

log = logging.getLogger(__name__)


def diary(settings: Settings, metrics: LoopMetrics) -> Outbox[LifecycleEvent]:
    """Raises `BrokerUnreachable`."""

    def told(event: LifecycleEvent) -> None:
        metrics.decided(event)
        version = f"version {event.model_version} " if event.model_version else ""
        log.info("%s%s: %s", version, event.kind.replace("_", " "), event.message)

    return Outbox(
        settings,
        EventRoute(
            topic=settings.topic_model_lifecycle,
            decode=codec.decode_lifecycle_event,
            event_id=lambda event: event.id,
            message_key=lambda event: event.model,
            on_delivered=told,
        ),
    )


def requested(model: str, request: Request) -> LifecycleEvent:
    """Somebody, or an alert, asks for a training."""
    return LifecycleEvent(
        f"requested/{request.name}",
        "requested",
        request.at,
        model,
        request.cause.words,
        request_ids=[request.name],
    )


def withdrawn(model: str, request: Request, at: int) -> LifecycleEvent:
    """The episode was over before its training could start."""
    return LifecycleEvent(
        f"request_withdrawn/{request.name}",
        "request_withdrawn",
        at,
        model,
        "the episode was over before a training could start",
        request_ids=[request.name],
    )


def of_runs(model: str, runs: Iterable[Run]) -> list[LifecycleEvent]:
    """What became of the trainings, the oldest first."""
    steps = []
    for run in runs:
        if run.started is not None:
            words = f"training, attempt {run.attempt}"
            steps.append(_of_run(model, run, "training_started", run.started, words))
        if run.state == "failed" and run.ended is not None:
            steps.append(_of_run(model, run, "training_failed", run.ended, run.why))
    return sorted(steps, key=lambda step: step.occurred_at)


def _of_run(model: str, run: Run, kind: LifecycleKind, at: int, words: str) -> LifecycleEvent:
    return LifecycleEvent(
        f"{kind}/{run.id}",
        kind,
        at,
        model,
        words,
        flow_run_id=run.id,
        request_ids=run.requests,
    )
