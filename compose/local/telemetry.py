"""Usage data that our libraries would send to their makers: switched off."""

from typing import Final

OFF: Final = {
    "DO_NOT_TRACK": "1",  # Evidently, and whoever keeps to the convention
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
"""Environment variables, to be set before the libraries are imported."""
