"""`python -m stream_app.model.compile [VERSION]`: checks and compiles a version, else the champion.

A process of its own, so that MLflow and scikit-learn take no memory and no time from the worker
that waits for it, or that scores meanwhile. Its answer is one line of JSON.
"""

import contract.startup  # noqa: F401

# isort: split
import sys

import msgspec

from contract import process
from contract.libraries import configure_libraries
from contract.logs import configure_logs
from contract.model.checks import check_digest, recorded_digest
from contract.model.version import ModelRejected, ModelVersion, version_folder
from contract.registry import CHAMPION, MODEL_FILE
from contract.schema import CARS
from contract.settings import Settings, load, schema_of
from stream_app.model.answer import Answer, Refusal
from stream_app.model.compiled import compiled, kept
from stream_app.model.registries.asking import Unanswered
from stream_app.model.registries.chosen import registry


def main() -> None:
    """Answers on standard output. Raises `ModelUnavailable`."""
    settings = load(Settings)
    configure_logs(settings.log_level, settings.log_format)
    number = sys.argv[1] if len(sys.argv) > 1 else None
    try:
        _say(answer(settings, number))
    except ModelRejected as refused:
        _say(Refusal(refused.reason, str(refused)))
        raise


def _say(told: Answer | Refusal) -> None:
    print(msgspec.json.encode(told).decode(), flush=True)  # noqa: T201  the worker reads it


def answer(settings: Settings, number: str | None = None) -> Answer:
    """Checks and compiles a version, unless a form of it is kept.

    Raises `Refused`, and another `ModelUnavailable` where the registry does not give it.
    """
    version = _found(settings, number)
    recorded_digest(version)
    files = version_folder(settings, version)
    if not (files / MODEL_FILE).is_file():
        _fetch(settings, version)
    digest = check_digest(version, files)
    form_file = kept.path(settings.data_dir, digest)
    if kept.read(form_file) is not None:
        return Answer(version.number, digest, str(files), str(form_file))
    from contract.model.estimator import load_checked_estimator  # noqa: PLC0415  imports scikit-learn

    schema = schema_of(settings)
    estimator = load_checked_estimator(version, files, schema)
    form = compiled(estimator) if schema == CARS else None  # the forms know its three columns
    if form is not None:
        kept.write(form, form_file)
    return Answer(version.number, digest, str(files), str(form_file) if form else None)


def _found(settings: Settings, number: str | None) -> ModelVersion:
    asked = registry(settings)
    try:
        if asked is not None:
            return asked.version(number or asked.aliases()[CHAMPION])
    except (Unanswered, KeyError):  # MLflow knows better, or says what is wrong
        pass
    configure_libraries(settings)
    from stream_app.model.registries import by_mlflow  # noqa: PLC0415  takes seconds

    return by_mlflow.version(settings, number)


def _fetch(settings: Settings, version: ModelVersion) -> None:
    configure_libraries(settings)
    from stream_app.model.registries import by_mlflow  # noqa: PLC0415  takes seconds

    by_mlflow.fetch(settings, version)


if __name__ == "__main__":
    process.run_main(main)
