"""The commands of training as functions: `python -m training` and `intent` call them."""

# ruff: noqa: PLC0415  MLflow and Prefect read their environment variables at import

import logging
import os
import signal
import sys
from typing import NoReturn

from contract import kafka
from contract.errors import BadSetting, ModelUnavailable, RunIncomplete
from contract.libraries import configure_libraries
from contract.logs import configure_logs
from contract.process import check_port, current_user
from contract.registry import CHAMPION_ALIAS, check_registry_exists
from contract.settings import load, schema_of
from data import dataset
from training.adoption.request import Adoption
from training.prefect_server import prefect_server
from training.settings import TrainingSettings

log = logging.getLogger("training")


def configure_process() -> TrainingSettings:
    """Loads the settings and configures logs and signal handlers; call it from the main thread.

    Raises:
        BadSetting: a setting is malformed or out of range.
    """
    settings = load(TrainingSettings)
    configure_logs(settings.log_level, settings.log_format)
    signal.signal(signal.SIGTERM, _exit_on_signal)
    # A shell ignores SIGINT in background jobs, and the process inherits that. Prefect ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return settings


def train(settings: TrainingSettings, if_missing: bool = False) -> None:
    """Trains one version and lets the gate decide on it.

    Args:
        settings: of training.
        if_missing: do nothing if the registry has a champion already.

    Raises:
        BadDataset: the data set cannot be used.
        BadSetting: the estimator, its class weights or the costs are not valid.
        ModelUnavailable: the registry does not answer, or the gate rejected the initial model.
    """
    # A failed run raises its error here, so Prefect need not log it too.
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training.registry_client import champion_version

    version = None if settings.registry_is_missing else champion_version(settings)
    if if_missing and version is not None:
        log.info("champion exists already model=%s version=%s", settings.model_name, version)
        return
    # raises for a bad data set or estimator before a Prefect server is started
    _check_inputs(settings)
    if version is None:
        train_initial_model(settings)
        return
    with prefect_server(settings.data_dir / "prefect", settings.startup_timeout) as server:
        from training.flow import retrain
        from training.trigger import manual_request

        server.wait_until_ready()
        retrain([manual_request(current_user())])


def train_initial_model(settings: TrainingSettings) -> None:
    """Trains where there is no champion, in this process: it needs no Prefect server.

    Raises:
        ModelUnavailable: the gate rejected the version, so there is still no champion.
    """
    from training import promotion, registry
    from training.controller.run_lock import hold_run_lock
    from training.registry_client import champion_version
    from training.steps import train_and_promote
    from training.task import task_of
    from training.trigger import manual_request, merge_triggers

    with hold_run_lock(settings.data_dir, f"initial-{os.getpid()}"):
        trigger = merge_triggers([manual_request(current_user())], None)
        version = train_and_promote(settings, trigger=trigger)
    if champion_version(settings) is None:
        kinds = task_of(schema_of(settings)).estimators
        others = [kind for kind in kinds if kind != settings.estimator]
        reason = registry.read_run(settings, version).tags[promotion.REASON]
        raise ModelUnavailable(
            f"{settings.model_name} has no champion: the gate rejected version {version} "
            f"({reason}); train again with INTENT_ESTIMATOR={' or '.join(others)}, or accept it: "
            f"`intent promote {version} --reason 'initial model'`"
        )


def serve(settings: TrainingSettings) -> None:
    """Serves the Prefect deployment and runs the retraining controller until a signal.

    Raises:
        BadSetting: the schedule is not a cron expression, or the estimator is not valid.
        PortTaken: another process listens on the port of metrics or of Prefect.
        BrokerUnreachable: no Kafka broker answers.
    """
    configure_libraries(settings, prefect_log_level="WARNING")
    check_port(settings.listen_host, settings.training_port)
    if settings.custom_estimator:
        _check_inputs(settings)
    prefect = settings.data_dir / "prefect"
    with prefect_server(prefect, settings.startup_timeout, settings.prefect_port) as server:
        from training import flow
        from training.controller.runner import running_controller

        flow.check_schedule(settings)
        kafka.check_broker(settings)
        server.wait_until_ready()
        with server.supervised(), running_controller(settings):
            log.info(
                "serving deployment=%s schedule=%r alert_kinds=%s",
                settings.deployment,
                settings.training_cron,
                settings.retrain_alert_kinds or "none",
            )
            flow.serve(settings)


def promote(settings: TrainingSettings, version: str, reason: str) -> str:
    """Makes a version champion, whatever the gate decided; returns a sentence on the result.

    Raises:
        BadSetting: the registry has no such version.
        ModelUnavailable: the registry does not answer, or workers would reject the version.
    """
    check_registry_exists(settings)
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training import promotion
    from training.registry_client import champion_version, registry_client

    with registry_client(settings) as client:
        versions = {
            str(version.version)
            for version in client.search_model_versions(f"name = '{settings.model_name}'")
        }
    if version not in versions:
        existing = ", ".join(sorted(versions, key=_version_order)) or "none"
        raise BadSetting(
            f"{settings.model_name} has no version {version} in the registry "
            f"{settings.registry_uri}; existing versions: {existing}"
        )
    current = champion_version(settings)
    if current == version:
        return f"version {version} is the champion already"
    if not promotion.promote(settings, version, current, _by_user(reason), allow_rolled_back=True):
        return f"another version became {CHAMPION_ALIAS} meanwhile: check which, and promote again"
    return f"version {version} is the champion; previous champion: {current or 'none'}"


def register(settings: TrainingSettings, adoption: Adoption) -> str:
    """Registers a model that was not trained here; returns sentences on the version.

    Raises:
        BadSetting: the model is of no format that is loaded without running code, or its file
            leaves open how columns become its features.
        BadDataset: the rows cannot be used.
        ModelRejected: scorers would reject the model.
        ModelUnavailable: the registry does not answer, or the gate rejected the version.
    """
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training.adoption.register import register as register_model

    return register_model(settings, adoption)


def roll_back(settings: TrainingSettings, reason: str, version: str | None = None) -> str:
    """Rolls back to the previous champion; returns a sentence on the result.

    Args:
        settings: of training.
        reason: for the records.
        version: roll back only if this version is the champion; None is whichever is.

    Raises:
        ModelUnavailable: the registry does not answer, or there is no version to return to.
    """
    check_registry_exists(settings)
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training import promotion
    from training.registry_client import champion_version

    before = champion_version(settings)
    current = promotion.roll_back(settings, _by_user(reason), version)
    if current != before:
        return f"version {current} is the champion again; version {before} was rolled back"
    if version is not None and version != current:
        return f"nothing changed: version {version} is not the champion, version {current} is"
    return (
        f"nothing changed: version {current} was itself restored by a rollback; "
        f"to go back further, name it: rollback {current}"
    )


def trace(settings: TrainingSettings, prediction: str, as_json: bool = False) -> str:
    """Traces a prediction to its model version, run, data, and the reason it was promoted.

    Args:
        settings: of training.
        prediction: its id, PARTITION:OFFSET on its topic, its JSON, or - for JSON on standard
            input.
        as_json: return JSON instead of lines of text.

    Raises:
        BadSetting: there is no such prediction.
        ModelUnavailable: the registry does not answer.
        BrokerUnreachable: no Kafka broker answers.
    """
    check_registry_exists(settings)
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training.trace.lineage import trace_lineage
    from training.trace.prediction_lookup import find_prediction
    from training.trace.render import render_json, render_text

    lineage = trace_lineage(settings, find_prediction(settings, prediction))
    return render_json(lineage) if as_json else render_text(lineage)


def explain(settings: TrainingSettings, prediction: str, as_json: bool = False) -> str:
    """Explains a prediction: what each feature of its record contributed to its score.

    The record is scored again by the version that scored it.

    Args:
        settings: of training.
        prediction: as for `trace`.
        as_json: return JSON instead of lines of text.

    Raises:
        BadSetting: there is no such prediction, or its record is not on the topic any more.
        ModelUnavailable: the registry does not answer, or the version does not load.
        BrokerUnreachable: no Kafka broker answers.
    """
    check_registry_exists(settings)
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training.explanation.explain_record import explain_record
    from training.explanation.render import render_json, render_text
    from training.trace.prediction_lookup import find_prediction, find_record

    event = find_prediction(settings, prediction)
    explanation = explain_record(settings, event, find_record(settings, event))
    render = render_json if as_json else render_text
    return render(event, explanation, schema_of(settings))


def reproduce(settings: TrainingSettings, version: str) -> str:
    """Trains a version again from its logged rows; returns that the two models are equal.

    Args:
        settings: of training.
        version: of the registered model.

    Raises:
        RunIncomplete: the outputs of the two models differ; names the libraries that do.
        ModelUnavailable: the registry does not answer, or the rows were changed.
    """
    check_registry_exists(settings)
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training import reproduce as reproduction

    result = reproduction.reproduce(settings, version)
    if result.max_difference:
        libraries = ", ".join(
            f"{name} {old} then, {new} now" for name, (old, new) in result.changed_libraries.items()
        )
        raise RunIncomplete(
            f"version {version} is not reproducible here: its outputs differ by up to "
            f"{result.max_difference:g}: {libraries or 'the code or the machine differs'}"
        )
    return f"version {version} is reproducible: equal model from its {result.rows} rows"


def _version_order(version: str) -> tuple[int, str]:
    return len(version), version


def _by_user(reason: str) -> str:
    return f"{current_user()}: {reason}"


def _check_inputs(settings: TrainingSettings) -> None:
    """Raises `BadDataset` or `BadSetting` if a training would fail."""
    rows = dataset.load_dataset(settings.dataset, schema_of(settings))
    if settings.custom_estimator:
        from training.steps import check_estimator
        from training.threads import limit_threads

        with limit_threads():
            check_estimator(settings, rows)


def _exit_on_signal(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
