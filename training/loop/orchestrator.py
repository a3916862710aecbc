"""The training's runs in Prefect: which there are, and how to ask for one. Owns the client."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectException, PrefectHTTPStatusError
from prefect.states import Crashed

from training.loop import alive
from training.loop.decision import Run, RunState, Start

KNOWN: Final = 100
"""Latest runs that are looked at."""

SETTLES_WITHIN: Final = timedelta(seconds=5)
"""A run that has just begun may not hold its lock yet."""

STARTS_WITHIN: Final = timedelta(minutes=2)
"""A run that somebody has taken starts sooner, or its taker is gone."""

STATES: Final[dict[StateType, RunState]] = {
    StateType.SCHEDULED: "waiting",
    StateType.COMPLETED: "completed",
    StateType.FAILED: "failed",
    StateType.CRASHED: "failed",
    StateType.CANCELLED: "cancelled",
}
"""All others are `running`."""


class PrefectAway(Exception):
    """Prefect does not answer, or does not know the deployment (yet)."""


class Orchestrator:
    """Runs of one deployment. Every method raises `PrefectAway`."""

    def __init__(self, deployment: str, model: str, home: Path) -> None:
        """`deployment` is the flow's name and its own; keys are the model's own."""
        self._deployment = deployment
        self._model = model
        self._home = home

    def runs(self) -> list[Run]:
        """The latest runs that are due, started or over; those whose process is gone have failed.

        The schedule's later ones are not among them.
        """
        with _answering() as client:
            deployment = client.read_deployment_by_name(self._deployment)
            found = client.read_flow_runs(
                flow_run_filter=FlowRunFilter(
                    deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]),
                    expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)),
                ),
                sort=FlowRunSort.EXPECTED_START_TIME_DESC,
                limit=KNOWN,
            )
            return [_run(self._buried(client, each)) for each in found]

    def start(self, wanted: Start) -> Run:
        """The run of that key: a new one, or the one that was asked for before."""
        with _answering() as client:
            deployment = client.read_deployment_by_name(self._deployment)
            return _run(
                client.create_flow_run_from_deployment(
                    deployment.id,
                    parameters={"asked": list(wanted.asked), "attempt": wanted.attempt},
                    idempotency_key=f"{self._deployment}/{self._model}/{wanted.key}",
                )
            )

    def _buried(self, client: SyncPrefectClient, run: FlowRun) -> FlowRun:
        """The run; declared crashed if nobody carries it out any more.

        Its process says so by its lock. What runs elsewhere has none here, and is not ours to judge
        once it has started.
        """
        state = run.state
        if state is None or state.type not in (StateType.PENDING, StateType.RUNNING):
            return run
        age = datetime.now(UTC) - state.timestamp
        never_began = state.type == StateType.PENDING and age > STARTS_WITHIN
        if not never_began and (age < SETTLES_WITHIN or not alive.is_dead(self._home, str(run.id))):
            return run
        client.set_flow_run_state(run.id, Crashed(message="its process is gone"), force=True)
        return client.read_flow_run(run.id)


@contextmanager
def _answering() -> Iterator[SyncPrefectClient]:
    """A client for a few questions. An older one asks on for a minute where nobody answers."""
    try:
        with get_client(sync_client=True) as client:
            yield client
    except ObjectNotFound:
        raise PrefectAway(
            "the deployment is missing in Prefect; `intent train --serve` creates it again"
        ) from None
    except PrefectHTTPStatusError as failure:
        status = failure.response.status_code
        remedy = ": set PREFECT_API_AUTH_STRING to the server's" if status == 401 else ""
        raise PrefectAway(f"Prefect answers with status {status}{remedy}") from failure
    except (httpx.HTTPError, PrefectException, RuntimeError) as failure:
        raise PrefectAway(f"Prefect does not answer ({type(failure).__name__})") from failure


def _run(run: FlowRun) -> Run:
    kind = run.state.type if run.state else StateType.SCHEDULED
    state = STATES.get(kind, "running")
    return Run(
        id=str(run.id),
        state=state,
        asked=tuple(run.parameters.get("asked") or ()),
        attempt=int(run.parameters.get("attempt") or 1),
        created=_ms(run.created) or 0,
        started=_ms(run.start_time),
        ended=_ms(run.end_time),
        why=(run.state.message or "") if run.state and state == "failed" else "",
    )


def _ms(time: datetime | None) -> int | None:
    return None if time is None else round(time.timestamp() * 1000)
