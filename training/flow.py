"""Training as a Prefect flow: each step is a task. It and `controller.orchestrator` own Prefect."""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, ParamSpec, TypeVar

import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.runner import Runner
from prefect.runtime import flow_run
from prefect.types.entrypoint import EntrypointType
from pydantic import ValidationError

from contract.errors import BadSetting, PipelineError
from contract.logs import configure_logs
from contract.settings import load
from training.controller.run_lock import hold_run_lock
from training.settings import FLOW, TrainingSettings
from training.steps import train_and_promote
from training.trigger import merge_triggers

P = ParamSpec("P")
T = TypeVar("T")

POLL_INTERVAL: Final = 2.0
"""Seconds between two polls for runs that are due, and for the deployment."""
RESTART_DELAY: Final = 5.0
UNAVAILABLE: Final = (httpx.HTTPError, PrefectException, RuntimeError)
"""What Prefect's client raises when the server does not answer."""

log = logging.getLogger(__name__)

_RUN_LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs", "prefect.engine")


@flow(name=FLOW, retries=0, persist_result=False, log_prints=False)
def retrain(requests: list[dict[str, Any]] | None = None, attempt: int = 1) -> str:
    """Trains with the settings of the environment; returns the new version.

    Args:
        requests: what the run answers, see `training.trigger.merge_triggers`; none if scheduled.
        attempt: from 1; each attempt is a flow run of its own.
    """
    settings = load(TrainingSettings)
    # A scheduled run has a process of its own.
    configure_logs(settings.log_level, settings.log_format)
    if attempt > 1:
        log.warning("retrying the training attempt=%d", attempt)
    for name in _RUN_LOGGERS:
        logging.getLogger(name).addFilter(_drop_traceback)
    run_id = str(flow_run.id)
    with hold_run_lock(settings.data_dir, run_id):
        return train_and_promote(settings, _as_task, merge_triggers(requests or (), run_id))


def check_schedule(settings: TrainingSettings) -> None:
    """Raises `BadSetting` if the schedule is not a cron expression."""
    try:
        CronSchedule(cron=settings.training_cron)
    except ValidationError:
        raise BadSetting(
            f"INTENT_TRAINING_CRON={settings.training_cron!r} is not a cron expression: correct it"
        ) from None


def serve(settings: TrainingSettings) -> None:
    """Runs the flow on its schedule, and when the deployment is triggered, until a signal.

    Prefect's runner ends when its server is unavailable for long; it is then restarted.
    """
    with suppress(KeyboardInterrupt):
        while True:
            try:
                asyncio.run(_serve(settings))
            except Exception as failure:  # noqa: BLE001 of several libraries, and in groups
                log.warning("restarting Prefect's runner, which failed: %s", _first(failure))
                time.sleep(RESTART_DELAY)
            else:
                return


async def _serve(settings: TrainingSettings) -> None:
    # One run at a time: two would both replace the same champion.
    runner = _Runner(
        name=settings.prefect_deployment,
        query_seconds=POLL_INTERVAL,
        limit=1,
        pause_on_shutdown=True,
    )

    async def create_deployment() -> None:
        await runner.aadd_flow(
            retrain,
            name=settings.prefect_deployment,
            cron=settings.training_cron,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )

    try:
        await create_deployment()
        async with asyncio.TaskGroup() as tasks:  # an error in either ends both
            keeping = tasks.create_task(_keep_deployment(settings.deployment, create_deployment))
            await runner.start()
            keeping.cancel()
    except Exception:
        # Ctrl-C also ends the Prefect server: without it, the runner fails while it is cancelled.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from None
        raise


async def _keep_deployment(name: str, create_deployment: Callable[[], Awaitable[None]]) -> None:
    """Recreates the deployment if somebody deletes it."""
    while True:
        await asyncio.sleep(POLL_INTERVAL)
        try:
            async with get_client() as client:
                await client.read_deployment_by_name(name)
        except ObjectNotFound:
            log.warning("recreating the deployment, which was deleted deployment=%s", name)
            with suppress(*UNAVAILABLE):
                await create_deployment()
        except UNAVAILABLE:  # the next poll tries again
            continue


def _first(failure: BaseException) -> str:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return f"{type(failure).__name__}: {failure}"


class _Runner(Runner):
    async def _pause_schedules(self) -> None:
        """Does what Prefect's method does, which fails for a deleted deployment."""
        for deployment in self._deployment_registry.get_deployment_ids():
            with suppress(ObjectNotFound):
                await self._client.pause_deployment(deployment)

    def handle_sigterm(self, *_: object) -> None:
        """Ends as at Ctrl-C, which pauses the schedule; Prefect's handler does not."""
        signal.raise_signal(signal.SIGINT)


def _as_task(step: Callable[P, T], /) -> Callable[P, T]:
    # Results go to the next step in memory, never to disk.
    return task(retries=0, persist_result=False, cache_policy=NO_CACHE)(step)


def _drop_traceback(record: logging.LogRecord) -> bool:
    """Our errors say in one line what to do."""
    if record.exc_info and isinstance(record.exc_info[1], PipelineError):
        record.exc_info = None
    return True
