"""Training as a Prefect flow: each step a task. The only file that imports Prefect."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final, ParamSpec, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.schedules import CronSchedule
from prefect.runner import Runner
from prefect.types.entrypoint import EntrypointType
from pydantic import ValidationError

from contract.errors import BadSetting, PipelineError
from contract.settings import load
from training import environment
from training.settings import TrainingSettings
from training.steps import train_and_promote

P = ParamSpec("P")
T = TypeVar("T")

_RUN_LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs", "prefect.engine")


@flow(name="training", retries=0, persist_result=False, log_prints=False)
def retrain() -> str:
    """Trains on the data set of the environment's settings; returns the new version."""
    settings = load(TrainingSettings)
    environment.logs(settings.log_level)  # a scheduled run has a process of its own
    for name in _RUN_LOGGERS:
        logging.getLogger(name).addFilter(_without_traceback)
    return train_and_promote(settings, wrapped=_as_task)


def check_schedule(settings: TrainingSettings) -> None:
    """Raises `BadSetting` if the schedule is no cron expression."""
    try:
        CronSchedule(cron=settings.training_cron)
    except ValidationError:
        raise BadSetting(
            f"correct INTENT_TRAINING_CRON={settings.training_cron!r}: it is no cron expression"
        ) from None


def serve(settings: TrainingSettings) -> None:
    """Runs the flow on its schedule, and whenever the deployment is asked to, until a signal."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings))


async def _serve(settings: TrainingSettings) -> None:
    # One run at a time: two would both replace the same champion.
    runner = _Runner(name=settings.deployment_name, limit=1, pause_on_shutdown=True)
    await runner.aadd_flow(
        retrain,
        name=settings.deployment_name,
        cron=settings.training_cron,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    await runner.start()


class _Runner(Runner):
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
