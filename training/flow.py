"""Training as a Prefect flow: each step a task. It and `loop.orchestrator` import Prefect."""

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
from contract.settings import load
from training import environment
from training.loop.alive import held
from training.loop.request import cause_of
from training.settings import FLOW, TrainingSettings
from training.steps import train_and_promote

P = ParamSpec("P")
T = TypeVar("T")

LOOK_EVERY: Final = 2.0
"""Seconds between two looks for runs that are due."""
BEGINS_AGAIN_AFTER: Final = 5.0
AWAY: Final = (httpx.HTTPError, PrefectException, RuntimeError)
"""What Prefect's client raises where the server does not answer."""

log = logging.getLogger(__name__)

_RUN_LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs", "prefect.engine")


@flow(name=FLOW, retries=0, persist_result=False, log_prints=False)
def retrain(asked: list[dict[str, Any]] | None = None, attempt: int = 1) -> str:
    """Trains under the environment's settings; returns the new version.

    `asked` are the requests that it is for, see `training.loop.request`; none of the schedule.
    Each `attempt` at the same is a run of its own.
    """
    settings = load(TrainingSettings)
    environment.configure_logs(settings)  # a scheduled run has a process of its own
    if attempt > 1:
        log.warning("training for the same again, attempt %d", attempt)
    for name in _RUN_LOGGERS:
        logging.getLogger(name).addFilter(_without_traceback)
    run = str(flow_run.id)
    with held(settings.data_dir, run):
        return train_and_promote(settings, _as_task, cause_of(asked or (), run))


def check_schedule(settings: TrainingSettings) -> None:
    """Raises `BadSetting` if the schedule is no cron expression."""
    try:
        CronSchedule(cron=settings.training_cron)
    except ValidationError:
        raise BadSetting(
            f"correct INTENT_TRAINING_CRON={settings.training_cron!r}: it is no cron expression"
        ) from None


def serve(settings: TrainingSettings) -> None:
    """Runs the flow on its schedule, and whenever the deployment is asked to, until a signal.

    A server that is away for long ends Prefect's runner; another one then begins.
    """
    with suppress(KeyboardInterrupt):
        while True:
            try:
                asyncio.run(_serve(settings))
            except Exception as failure:  # noqa: BLE001 of several libraries, and in groups
                log.warning("Prefect's runner ended (%s) and begins again", _first(failure))
                time.sleep(BEGINS_AGAIN_AFTER)
            else:
                return


async def _serve(settings: TrainingSettings) -> None:
    # One run at a time: two would both replace the same champion.
    runner = _Runner(
        name=settings.prefect_deployment, query_seconds=LOOK_EVERY, limit=1, pause_on_shutdown=True
    )

    async def create() -> None:
        await runner.aadd_flow(
            retrain,
            name=settings.prefect_deployment,
            cron=settings.training_cron,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )

    await create()
    async with asyncio.TaskGroup() as together:  # a fault of either ends both
        keeping = together.create_task(_keep_deployment(settings.deployment, create))
        await runner.start()
        keeping.cancel()


async def _keep_deployment(name: str, create: Callable[[], Awaitable[None]]) -> None:
    """Creates the deployment again whenever somebody has deleted it."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            async with get_client() as client:
                await client.read_deployment_by_name(name)
        except ObjectNotFound:
            log.warning("the deployment %s was deleted and is created again", name)
            with suppress(*AWAY):
                await create()
        except AWAY:  # the server is away; a later look finds out
            continue


def _first(failure: BaseException) -> str:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return f"{type(failure).__name__}: {failure}"


class _Runner(Runner):
    async def _pause_schedules(self) -> None:
        """As Prefect's own, which fails at a deployment that was deleted."""
        for deployment in self._deployment_registry.get_deployment_ids():
            with suppress(ObjectNotFound):
                await self._client.pause_deployment(deployment)

    def handle_sigterm(self, *_: object) -> None:
        """Ends as at Ctrl-C, which pauses the schedule; Prefect's own answer forgets to."""
        signal.raise_signal(signal.SIGINT)


def _as_task(step: Callable[P, T], /) -> Callable[P, T]:
    # What a step returns goes to the next one in memory, and never to disk.
    return task(retries=0, persist_result=False, cache_policy=NO_CACHE)(step)


def _without_traceback(record: logging.LogRecord) -> bool:
    """A known fault says in one line what to do."""
    if record.exc_info and isinstance(record.exc_info[1], PipelineError):
        record.exc_info = None
    return True
