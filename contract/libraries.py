"""Environment variables for MLflow, Prefect and Evidently: no telemetry, short timeouts, login."""

import os
from typing import Final

from contract.proxies import bypass_proxies
from contract.settings import Settings

ENVIRONMENT_DEFAULTS: Final = {
    # Telemetry of MLflow, Prefect and Evidently.
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # With MLflow's defaults, an unreachable registry is reported after minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Waiting OpenMP threads of a boosted model sleep instead of spinning on a shared core.
    "OMP_WAIT_POLICY": "passive",
}
"""Variables that the user has set take precedence."""


def configure_libraries(
    settings: Settings | None = None, prefect_log_level: str | None = None
) -> None:
    """Sets the variables that the libraries read when they are imported.

    Call it before the first import of MLflow, Prefect or Evidently. Our own stack and this machine
    are reached without a proxy afterwards.

    Args:
        settings: If given, MLflow's client also gets its login from them.
        prefect_log_level: If given, Prefect logs at this level and has its files in the data
            directory of the settings.
    """
    for name, value in ENVIRONMENT_DEFAULTS.items():
        os.environ.setdefault(name, value)
    mlflow_uri = settings.mlflow_uri if settings else ""
    bypass_proxies([mlflow_uri, os.environ.get("PREFECT_API_URL", "")])
    if settings is not None:
        os.environ.update({name: value for name, value in _login(settings).items() if value})
    if settings is not None and prefect_log_level is not None:
        os.environ.setdefault("PREFECT_HOME", str(settings.data_dir.resolve() / "prefect"))
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", prefect_log_level)


def _login(settings: Settings) -> dict[str, str]:
    return {
        "MLFLOW_TRACKING_USERNAME": settings.mlflow_username,
        "MLFLOW_TRACKING_PASSWORD": settings.mlflow_password.get_secret_value(),
        "MLFLOW_TRACKING_TOKEN": settings.mlflow_token.get_secret_value(),
    }
