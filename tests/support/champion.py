"""`python -m tests.support.champion HOME`: a registry with a champion, checked and compiled.

A process of its own, as scikit-learn and MLflow take seconds to import. It trains as a user's first
run does, without Prefect. Then it makes what Prefect's server takes seconds to make: its tables.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

from contract.libraries import configure_libraries
from contract.settings import Settings, load
from training.settings import TrainingSettings

COMPILED: Final = "compiled"
"""Folder of compiled models below a home."""

DONE: Final = "done"
"""File that is written when all is there."""

PREFECT: Final = Path("prefect", "prefect.db")
"""The tables of a Prefect server without any run, below a home."""

MIGRATED: Final = "migrated"
"""File that is written when these are there."""


def settings(home: Path) -> dict[str, str]:
    """What names the registry of this home."""
    made = load(TrainingSettings, data_dir=home)
    return {"mlflow_uri": made.registry_uri, "model_name": made.model_name}


def tables(home: Path) -> Path:
    """The file that the registry of this home is."""
    return Path(settings(home)["mlflow_uri"].removeprefix("sqlite:///"))


def main(home: Path) -> None:
    """Trains and compiles."""
    configure_libraries()
    from stream_app.models.compile import compile_version  # noqa: PLC0415  a library looks at its variables
    from training.steps import train_and_promote  # noqa: PLC0415

    train_and_promote(load(TrainingSettings, data_dir=home))
    compile_version(load(Settings, **settings(home), data_dir=home))
    (home / DONE).touch()
    os.environ["PREFECT_HOME"] = str(home / PREFECT.parent)
    from prefect.server.database import provide_database_interface  # noqa: PLC0415

    asyncio.run(provide_database_interface().create_db())
    (home / MIGRATED).touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
