"""The process: its logs, the environment variables of MLflow and Prefect, and its user."""

import getpass
import logging
import os
import socket
from typing import Final

from contract import libraries, logs
from contract.settings import Settings

_VERBOSE_LIBRARIES: Final = ("alembic", "httpx", "urllib3")
"""Libraries that log each migration, each request and each retry."""


def configure_logs(settings: Settings) -> None:
    """Configures logs as every stage does, and limits the libraries' logs to errors."""
    logs.configure_logs(settings.log_level, settings.log_format)
    for name in _VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)


def configure_libraries(settings: Settings, prefect_log_level: str) -> None:
    """Sets the environment variables of MLflow and Prefect that the user has not set.

    Call it before the first import of MLflow or Prefect: they read them at import.
    """
    libraries.configure_libraries(settings)
    os.environ.setdefault("PREFECT_HOME", str(settings.data_dir.resolve() / "prefect"))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", prefect_log_level)


def current_user() -> str:
    """The user and the host that run this process, `user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a uid without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
