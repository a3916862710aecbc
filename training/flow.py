"""Training as a Prefect flow: each step a task. The only file that imports Prefect."""

import logging
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.deployments.runner import EntrypointType

from contract.errors import PipelineError
from contract.process import configure_logs
from contract.settings import load
from training.settings import TrainingSettings
from training.steps import train_and_promote

P = ParamSpec("P")
T = TypeVar("T")

_RUN_LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs", "prefect.engine")


@flow(name="training", retries=0, persist_result=False, log_prints=False)
def retrain() -> str:
    """Trains on the data set of the environment's settings; returns the new version."""
    settings = load(TrainingSettings)
    configure_logs(settings.log_level)  # a scheduled run has a process of its own
    for name in _RUN_LOGGERS:
        logging.getLogger(name).addFilter(_without_traceback)
    return train_and_promote(settings, wrapped=_as_task)


def serve(settings: TrainingSettings) -> None:
    """Runs the flow on its schedule, and whenever the deployment is asked to, until a signal."""
    retrain.serve(
        name=settings.deployment_name,
        cron=settings.training_cron,
        limit=1,  # two at a time would both replace the same champion
        entrypoint_type=EntrypointType.MODULE_PATH,
        print_starting_message=False,
    )


def _as_task(step: Callable[P, T], /) -> Callable[P, T]:
    # What a step returns goes to the next one in memory, and never to disk.
    return task(retries=0, persist_result=False, cache_policy=NO_CACHE)(step)


def _without_traceback(record: logging.LogRecord) -> bool:
    """A known fault says in one line what to do."""
    if record.exc_info and isinstance(record.exc_info[1], PipelineError):
        record.exc_info = None
    return True
