"""What the big libraries are told before they are imported: no usage data, no long waits."""

import os
from typing import Final

from contract import proxies
from contract.settings import Settings

DEFAULTS: Final = {
    # MLflow, Prefect and Evidently can each report their use to their makers.
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # A registry that does not answer is reported in seconds; MLflow's own defaults take minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Threads of a boosted model that wait do not spin: the cores are not ours alone.
    "OMP_WAIT_POLICY": "passive",
}
"""Environment variables; what the user has set himself is left as it is."""


def prepare(settings: Settings | None = None) -> None:
    """Sets them. Call it before the first import of MLflow, Prefect or Evidently.

    Our own stack and this machine are reached without a proxy from now on.

    With settings, MLflow's client also gets its login from them, in the variables it reads.
    """
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    proxies.bypass([settings.mlflow_uri if settings else "", os.environ.get("PREFECT_API_URL", "")])
    if settings is not None:
        os.environ.update({name: value for name, value in _login(settings).items() if value})


def _login(settings: Settings) -> dict[str, str]:
    return {
        "MLFLOW_TRACKING_USERNAME": settings.mlflow_username,
        "MLFLOW_TRACKING_PASSWORD": settings.mlflow_password.get_secret_value(),
        "MLFLOW_TRACKING_TOKEN": settings.mlflow_token.get_secret_value(),
    }
