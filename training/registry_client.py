"""The client of the MLflow registry, and the champion's version.

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
from contract.registry import CHAMPION_ALIAS, is_access_denied, registry_denied
from contract.settings import Settings

DOES_NOT_EXIST: Final = ErrorCode.Name(RESOURCE_DOES_NOT_EXIST)
NOT_FOUND_CODES: Final = (
    DOES_NOT_EXIST,
    "INVALID_PARAMETER_VALUE",  # a database registry answers this for an alias it does not have
)


def champion_version(settings: Settings) -> str | None:
    """The version with the alias champion; None if there is none.

    Raises:
        ModelUnavailable: the registry does not answer.
    """
    with registry_client(settings) as client:
        return version_with_alias(client, settings, CHAMPION_ALIAS)


def version_with_alias(client: MlflowClient, settings: Settings, alias: str) -> str | None:
    """The version with an alias; None if there is none."""
    try:
        return str(client.get_model_version_by_alias(settings.model_name, alias).version)
    except MlflowException as failure:
        if failure.error_code in NOT_FOUND_CODES:
            return None
        raise


@contextmanager
def registry_client(settings: Settings) -> Iterator[MlflowClient]:
    """Yields a client of the registry; errors of its calls become ours.

    Raises:
        RegistryDenied: the registry refuses this user.
        ModelUnavailable: any other error.
    """
    if not settings.mlflow_uri:
        writable_folder(settings.data_dir / "mlflow")
    mlflow.set_tracking_uri(settings.registry_uri)
    try:
        yield MlflowClient(settings.registry_uri, settings.registry_uri)
    except (MlflowException, SQLAlchemyError, RequestException, ParseError) as failure:
        if is_access_denied(failure):
            raise registry_denied(settings, first_line(failure)) from failure
        raise ModelUnavailable(
            f"a request to the registry {settings.registry_uri} failed ({first_line(failure)}"
            f"{proxy_hint(settings.registry_uri)}): "
            "check that it is running, or set INTENT_MLFLOW_URI"
        ) from failure
