"""Lists and starts the training's flow runs in Prefect. Owns Prefect's client."""

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

from training.controller.policy import Run, RunState, StartRun
from training.controller.run_lock import is_run_dead

MAX_RUNS: Final = 100
"""Latest runs that are read."""

LOCK_GRACE_PERIOD: Final = timedelta(seconds=5)
"""A run that has just started may not hold its lock yet."""

PENDING_TIMEOUT: Final = timedelta(minutes=2)
"""A run stays pending for less than this; if longer, the runner that took it is gone."""

RUN_STATES: Final[dict[StateType, RunState]] = {
    StateType.SCHEDULED: "waiting",
    StateType.COMPLETED: "completed",
    StateType.FAILED: "failed",
    StateType.CRASHED: "failed",
    StateType.CANCELLED: "cancelled",
}
"""All other states are `running`."""


class PrefectUnavailable(Exception):
    """Prefect does not answer, or does not have the deployment (yet)."""


class Orchestrator:
    """The flow runs of one deployment. Every method raises `PrefectUnavailable`."""

    def __init__(self, deployment: str, model: str, data_dir: Path) -> None:
        """Connects to nothing yet.

        Args:
            deployment: flow and deployment, as Prefect names them.
            model: part of the idempotency keys.
            data_dir: directory of the run locks.
        """
        self._deployment = deployment
        self._model = model
        self._data_dir = data_dir

    def list_runs(self) -> list[Run]:
        """The latest runs that are due, started or ended.

        Runs whose process is gone are marked as crashed. Future runs of the schedule are left out.
        """
        with _prefect_client() as client:
            deployment = client.read_deployment_by_name(self._deployment)
            runs = client.read_flow_runs(
                flow_run_filter=FlowRunFilter(
                    deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]),
                    expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)),
                ),
                sort=FlowRunSort.EXPECTED_START_TIME_DESC,
                limit=MAX_RUNS,
            )
            return [_run(self._mark_crashed(client, run)) for run in runs]

    def start_run(self, start: StartRun) -> Run:
        """Starts a run, or returns the one that was started with the same key."""
        with _prefect_client() as client:
            deployment = client.read_deployment_by_name(self._deployment)
            return _run(
                client.create_flow_run_from_deployment(
                    deployment.id,
                    parameters={"requests": list(start.requests), "attempt": start.attempt},
                    idempotency_key=f"{self._deployment}/{self._model}/{start.key}",
                )
            )

    def _mark_crashed(self, client: SyncPrefectClient, run: FlowRun) -> FlowRun:
        """The run, marked as crashed if its process is gone.

        The run's lock tells. A run of another machine has no lock here, and is left alone once it
        has started.
        """
        state = run.state
        if state is None or state.type not in (StateType.PENDING, StateType.RUNNING):
            return run
        age = datetime.now(UTC) - state.timestamp
        never_started = state.type == StateType.PENDING and age > PENDING_TIMEOUT
        if not never_started and (
            age < LOCK_GRACE_PERIOD or not is_run_dead(self._data_dir, str(run.id))
        ):
            return run
        client.set_flow_run_state(run.id, Crashed(message="its process is gone"), force=True)
        return client.read_flow_run(run.id)


@contextmanager
def _prefect_client() -> Iterator[SyncPrefectClient]:
    """Yields a client for a few requests: a client that is kept retries for a minute."""
    try:
        with get_client(sync_client=True) as client:
            yield client
    except ObjectNotFound:
        raise PrefectUnavailable(
            "Prefect does not have the deployment; `intent train --serve` creates it"
        ) from None
    except PrefectHTTPStatusError as failure:
        status = failure.response.status_code
        remedy = ": set PREFECT_API_AUTH_STRING to the server's" if status == 401 else ""
        raise PrefectUnavailable(f"Prefect answers with status {status}{remedy}") from failure
    except (httpx.HTTPError, PrefectException, RuntimeError) as failure:
        raise PrefectUnavailable(f"Prefect does not answer ({type(failure).__name__})") from failure


def _run(run: FlowRun) -> Run:
    state_type = run.state.type if run.state else StateType.SCHEDULED
    state = RUN_STATES.get(state_type, "running")
    return Run(
        id=str(run.id),
        state=state,
        requests=tuple(run.parameters.get("requests") or ()),
        attempt=int(run.parameters.get("attempt") or 1),
        created=_ms(run.created) or 0,
        started=_ms(run.start_time),
        ended=_ms(run.end_time),
        error=(run.state.message or "") if run.state and state == "failed" else "",
    )


def _ms(time: datetime | None) -> int | None:
    return None if time is None else round(time.timestamp() * 1000)
