"""Makes MLflow and Prefect quiet, keep to our home folder, and send no usage data."""

import logging
import os
from typing import Final

from contract import libraries
from contract.process import configure_logs
from contract.settings import Settings

_TALKATIVE: Final = ("alembic", "httpx", "urllib3")
"""Libraries that log each migration, each request and each retry."""


def logs(settings: Settings) -> None:
    """Our log lines as every stage's, and of the libraries' only those about errors."""
    configure_logs(settings.log_level, settings.log_format)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)


def prepare(settings: Settings, prefect_log_level: str) -> None:
    """Sets what the user has not set. Call it before the first import of MLflow or Prefect."""
    libraries.prepare(settings)
    os.environ.setdefault("PREFECT_HOME", str(settings.data_dir.resolve() / "prefect"))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", prefect_log_level)
