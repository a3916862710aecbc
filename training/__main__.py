"""`python -m training`: trains once. `serve` trains when it is time, asked for or alerted of; other
commands ask for a training, change who scores, and trace a prediction.
"""

# ruff: noqa: PLC0415  MLflow and Prefect read their variables when imported, so these are set first

import contract.startup  # noqa: F401

# isort: split
import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn, get_args

from contract import kafka, process
from contract.errors import ModelUnavailable
from contract.registry import check_registry
from contract.settings import load
from data import dataset
from training import environment
from training.prefect_server import prefect_server
from training.settings import Estimator, TrainingSettings

log = logging.getLogger("training")


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and does what it says."""
    given = _parser().parse_args(arguments)
    settings = load(TrainingSettings)
    environment.logs(settings)
    signal.signal(signal.SIGTERM, _end)
    # A shell that starts us in the background has it ignored, and so would we; Prefect ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    match given.command:
        case "serve":
            serve(settings)
        case "request":
            from training.commands.request import request

            print(request(settings, given.reason, given.urgent))
        case "promote" | "rollback":
            change(settings, given)
        case "trace":
            trace(settings, given.prediction, given.json)
        case _:
            train(settings, if_missing=given.if_missing)


def train(settings: TrainingSettings, if_missing: bool = False) -> None:
    """Trains once; with `if_missing` only where the registry has no champion."""
    # a failed run raises its fault here, so Prefect need not tell it too
    environment.prepare(settings, prefect_log_level="CRITICAL")
    from training.champion import champion

    version = None if settings.registry_is_missing else champion(settings)
    if if_missing and version is not None:
        log.info("version %s of %s is the champion already", version, settings.model_name)
        return
    dataset.load(settings.dataset)  # what is wrong with it is told before anything is started
    if version is None:
        train_first(settings)
        return
    with prefect_server(settings.data_dir / "prefect", settings.startup_timeout) as server:
        from training.commands.person import who
        from training.flow import retrain
        from training.loop.request import by_hand

        server.wait()
        retrain([by_hand(who())])


def train_first(settings: TrainingSettings) -> None:
    """Trains where there is no champion, in this process: it needs no Prefect server.

    Raises `ModelUnavailable` if the gate rejects the version, for nothing scores then.
    """
    from training import registry, succession
    from training.champion import champion
    from training.commands.person import who
    from training.loop.alive import held
    from training.loop.request import by_hand, cause_of
    from training.steps import as_it_is, train_and_promote

    with held(settings.data_dir, f"first-{os.getpid()}"):
        version = train_and_promote(settings, as_it_is, cause_of([by_hand(who())], None))
    if champion(settings) is None:
        others = [kind for kind in get_args(Estimator) if kind != settings.estimator]
        raise ModelUnavailable(
            f"{settings.model_name} has no champion: the gate rejected version {version} "
            f"({registry.told(settings, version).tags[succession.REASON]}); train again with "
            f"INTENT_ESTIMATOR={' or '.join(others)}, or accept it: "
            f"`intent promote {version} --reason 'a first model'`"
        )


def serve(settings: TrainingSettings) -> None:
    """Serves the deployment, and turns the loop, until a signal."""
    environment.prepare(settings, prefect_log_level="WARNING")
    process.check_port(settings.listen_host, settings.training_port)
    prefect = settings.data_dir / "prefect"
    with prefect_server(prefect, settings.startup_timeout, settings.prefect_port) as server:
        from training import flow
        from training.loop.watch import watching

        flow.check_schedule(settings)
        kafka.check_broker(settings)
        server.wait()
        with server.kept_alive(), watching(settings):
            log.info(
                "serving the deployment %s: on schedule %s, on alerts of %s, and on request",
                settings.deployment,
                settings.training_cron,
                settings.retrain_alert_kinds or "no kind",
            )
            flow.serve(settings)


def change(settings: TrainingSettings, given: argparse.Namespace) -> None:
    """Promotes a version, or rolls back. Raises `ModelUnavailable` where there is no registry."""
    check_registry(settings)
    environment.prepare(settings, prefect_log_level="CRITICAL")
    from training.commands import changing

    if given.command == "promote":
        print(changing.promote(settings, given.version, given.reason))
    else:
        print(changing.roll_back(settings, given.reason, given.version))


def trace(settings: TrainingSettings, prediction: str, as_json: bool) -> None:
    """Prints what a prediction came from. Raises `ModelUnavailable` where there is no registry."""
    check_registry(settings)
    environment.prepare(settings, prefect_log_level="CRITICAL")
    from training.trace import chain, finding, words

    found = chain.of(settings, finding.prediction(settings, prediction))
    print(words.as_json(found) if as_json else words.as_text(found))


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument(
        "--if-missing", action="store_true", help="train only if there is no champion"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    once = commands.add_parser("once", help="train once; also without a command")
    once.add_argument(
        "--if-missing", action="store_true", default=argparse.SUPPRESS, help="only if there is none"
    )
    commands.add_parser("serve", help="train on schedule, on alerts and on request")
    request = commands.add_parser("request", help="have the one that serves train")
    request.add_argument("--urgent", action="store_true", help="without waiting for the cooldown")
    promote = commands.add_parser("promote", help="make a version champion")
    promote.add_argument("version")
    rollback = commands.add_parser("rollback", help="put the champion before back")
    rollback.add_argument("version", nargs="?", help="that must go; default: the champion")
    for command, default in ((request, "asked for"), (promote, None), (rollback, "rolled back")):
        command.add_argument(
            "--reason", default=default, required=default is None, help="for the records"
        )
    trace = commands.add_parser("trace", help="what a prediction came from")
    trace.add_argument(
        "prediction", help="its id, PARTITION:OFFSET on its topic, its JSON, or - to read that"
    )
    trace.add_argument("--json", action="store_true", help="for programs")
    return parser


if __name__ == "__main__":
    process.run(main)
