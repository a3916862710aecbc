"""`python -m tests.support.champion HOME`: creates a registry with a compiled champion.

It runs in its own process, because scikit-learn and MLflow take seconds to import. It trains like a
user's first run, without Prefect. Then it creates the database of an empty Prefect server.
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
"""Folder of compiled models in a data directory."""

DONE: Final = "done"
"""File that marks a complete registry."""

PREFECT: Final = Path("prefect", "prefect.db")
"""Database of an empty Prefect server, in a data directory."""

MIGRATED: Final = "migrated"
"""File that marks a complete database."""


def settings(home: Path) -> dict[str, str]:
    """Settings of the registry in this data directory."""
    made = load(TrainingSettings, data_dir=home)
    return {"mlflow_uri": made.registry_uri, "model_name": made.model_name}


def tables(home: Path) -> Path:
    """SQLite file of the registry in this data directory."""
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
