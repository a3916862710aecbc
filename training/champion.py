"""The registry's client, and who the champion is: all that a process needs that need not train.

Apart from `registry`, whose imports take as long again as MLflow's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import mlflow
from google.protobuf.json_format import ParseError
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode
from mlflow.tracking import MlflowClient
from requests import RequestException
from sqlalchemy.exc import SQLAlchemyError

from contract.errors import ModelUnavailable, first_line
from contract.folders import writable_folder
from contract.proxies import proxy_hint
from contract.registry import CHAMPION, is_access_denied, registry_denied
from contract.settings import Settings

DOES_NOT_EXIST: Final = ErrorCode.Name(RESOURCE_DOES_NOT_EXIST)
MISSING: Final = (
    DOES_NOT_EXIST,
    "INVALID_PARAMETER_VALUE",  # what a registry of tables answers for an alias it does not have
)


def champion(settings: Settings) -> str | None:
    """The version that scores now; None if there is none. Raises `ModelUnavailable`."""
    with answering(settings) as client:
        try:
            return str(client.get_model_version_by_alias(settings.model_name, CHAMPION).version)
        except MlflowException as failure:
            if failure.error_code in MISSING:
                return None
            raise


@contextmanager
def answering(settings: Settings) -> Iterator[MlflowClient]:
    """A client of the registry. Raises `ModelUnavailable` for whatever goes wrong with it."""
    if not settings.mlflow_uri:
        writable_folder(settings.data_dir / "mlflow")
    mlflow.set_tracking_uri(settings.registry_uri)
    try:
        yield MlflowClient(settings.registry_uri, settings.registry_uri)
    except (MlflowException, SQLAlchemyError, RequestException, ParseError) as failure:
        if is_access_denied(failure):
            raise registry_denied(settings, first_line(failure)) from failure
        raise ModelUnavailable(
            f"the registry {settings.registry_uri} does not do its part ({first_line(failure)}"
            f"{proxy_hint(settings.registry_uri)}): "
            "start or repair it, or set INTENT_MLFLOW_URI"
        ) from failure
