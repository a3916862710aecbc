"""What Prefect, the registry and the topics know -> steps on the topic `lifecycle`, each once."""

import logging
from collections.abc import Iterable

from contract import codec
from contract.events import Lifecycle
from contract.outbox import Outbox, Route
from contract.settings import Settings
from training.loop.decision import Run
from training.loop.metrics import LoopMetrics
from training.loop.request import Request

log = logging.getLogger(__name__)


def diary(settings: Settings, metrics: LoopMetrics) -> Outbox[Lifecycle]:
    """Raises `BrokerUnreachable`."""

    def told(event: Lifecycle) -> None:
        metrics.decided(event)
        version = f"version {event.model_version} " if event.model_version else ""
        log.info("%s%s: %s", version, event.kind.replace("_", " "), event.words)

    return Outbox(
        settings,
        Route(
            topic=settings.topic_lifecycle,
            decode=codec.decode_lifecycle,
            name=lambda event: event.id,
            key=lambda event: event.model,
            sent=told,
        ),
    )


def requested(model: str, request: Request) -> Lifecycle:
    """Somebody, or an alert, asks for a training."""
    return Lifecycle(
        f"requested/{request.name}",
        "requested",
        request.at,
        model,
        request.cause.words,
        requests=[request.name],
    )


def withdrawn(model: str, request: Request, at: int) -> Lifecycle:
    """The episode was over before its training could start."""
    return Lifecycle(
        f"withdrawn/{request.name}",
        "withdrawn",
        at,
        model,
        "the episode was over before a training could start",
        requests=[request.name],
    )


def of_runs(model: str, runs: Iterable[Run]) -> list[Lifecycle]:
    """What became of the trainings, the oldest first."""
    steps = []
    for run in runs:
        if run.started is not None:
            words = f"training, attempt {run.attempt}"
            steps.append(_of_run(model, run, "started", run.started, words))
        if run.state == "failed" and run.ended is not None:
            steps.append(_of_run(model, run, "failed", run.ended, run.why))
    return sorted(steps, key=lambda step: step.at)


def _of_run(model: str, run: Run, kind: str, at: int, words: str) -> Lifecycle:
    return Lifecycle(
        f"{kind}/{run.id}",
        kind,  # type: ignore[arg-type]
        at,
        model,
        words,
        run=run.id,
        requests=run.requests,
    )
