"""`python -m stream_app.model.compile`: finds the champion, compiles it, and says where both are.

A process of its own, so that MLflow and scikit-learn take no memory and no time from the worker
that waits for it. Its answer is one line of JSON.
"""

from pathlib import Path

import msgspec

from contract import libraries, process
from contract.settings import Settings, load
from stream_app.model import local_registry
from stream_app.model.compiled import compiled, kept
from stream_app.model.located import Answer, Located
from stream_app.model.skops_file import load_estimator


def main() -> None:
    """Answers on standard output. Raises `ModelUnavailable`."""
    settings = load(Settings)
    process.configure_logs(settings.log_level)
    print(msgspec.json.encode(answer(settings)).decode())  # noqa: T201  the worker reads it


def answer(settings: Settings) -> Answer:
    """Compiles the champion, unless a form of it is kept. Raises `ModelUnavailable`."""
    found = local_registry.champion(settings) or _fetched(settings)
    file = kept.path(settings.home, found.file)
    if kept.read(file) is None:
        form = compiled(load_estimator(found))
        if form is None:
            return Answer(found.version, str(found.file), None)
        kept.write(form, file)
    return Answer(found.version, str(found.file), str(file))


def _fetched(settings: Settings) -> Located:
    libraries.prepare(settings)
    from stream_app.model import registry  # noqa: PLC0415  imports MLflow

    folder = settings.home / "models"
    folder.mkdir(parents=True, exist_ok=True)
    return registry.champion(settings, Path(folder))


if __name__ == "__main__":
    process.run(main)
