"""`python -m training`: trains a champion once; `python -m training serve`: again on a schedule."""

# ruff: noqa: PLC0415  MLflow and Prefect read their variables when imported, so these are set first

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from contract.process import run
from contract.settings import load
from data import dataset
from training import environment
from training.prefect_server import prefect_server
from training.settings import TrainingSettings

log = logging.getLogger("training")


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and does what it says."""
    given = _parser().parse_args(arguments)
    settings = load(TrainingSettings)
    environment.logs(settings.log_level)
    signal.signal(signal.SIGTERM, _end)
    # A shell that starts us in the background has it ignored, and so would we; Prefect ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if given.command == "serve":
        serve(settings)
    else:
        train(settings, if_missing=given.if_missing)


def train(settings: TrainingSettings, if_missing: bool = False) -> None:
    """Trains once; with `if_missing` only where the registry has no champion."""
    # a failed run raises its fault here, so Prefect need not tell it too
    environment.prepare(settings, prefect_log_level="CRITICAL")
    if if_missing and not settings.registry_is_new and _has_champion(settings):
        return
    dataset.load(settings.dataset)  # what is wrong with it is told before anything is started
    with prefect_server(settings.home / "prefect") as wait:
        from training.champion import champion

        champion(settings)  # or with the registry, before the server answers

        from training.flow import retrain

        wait()
        retrain()


def serve(settings: TrainingSettings) -> None:
    """Serves the deployment until a signal."""
    environment.prepare(settings, prefect_log_level="WARNING")
    with prefect_server(settings.home / "prefect", settings.prefect_port) as wait:
        from training import flow

        flow.check_schedule(settings)
        wait()
        log.info(
            "serving the deployment training/%s, on schedule %s",
            settings.deployment_name,
            settings.training_cron,
        )
        flow.serve(settings)


def _has_champion(settings: TrainingSettings) -> bool:
    from training.champion import champion

    version = champion(settings)
    if version:
        log.info("version %s of %s is the champion already", version, settings.model_name)
    return version is not None


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument(
        "command", nargs="?", choices=("once", "serve"), default="once", help="default: once"
    )
    parser.add_argument(
        "--if-missing", action="store_true", help="train only if there is no champion"
    )
    return parser


if __name__ == "__main__":
    run(main)
