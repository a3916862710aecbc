"""Reads an MLflow server by its REST API without MLflow, whose import takes seconds and 200 MB."""

from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from contract.http_client import fetch
from contract.model.version import ModelVersion
from contract.registry import is_access_denied
from stream_app.models.registries.credentials import authorization_header, tls_context
from stream_app.models.registries.registry import RegistryAccessDenied, RegistryUnavailable

SCHEMES: Final = ("http://", "https://")

API_PATH: Final = "/api/2.0/mlflow/"

REQUEST_TIMEOUT: Final = 5.0
"""Seconds within which the server must answer."""

VersionNumber = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}$")]
"""Restricted, because it becomes part of a path."""


class _Alias(msgspec.Struct):
    alias: str
    version: VersionNumber


class _Model(msgspec.Struct):
    aliases: list[_Alias] = []


class _ModelResponse(msgspec.Struct):
    registered_model: _Model


class _Tag(msgspec.Struct):
    key: str
    value: str = ""


class _Version(msgspec.Struct):
    tags: list[_Tag] = []


class _VersionResponse(msgspec.Struct):
    model_version: _Version


T = TypeVar("T")


class RestRegistry:
    """Opens a connection for each request."""

    def __init__(self, uri: str, model: str) -> None:
        parts = urlsplit(uri)
        self._base = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._authorization = authorization_header(parts.username, parts.password)
        self._tls = tls_context() if parts.scheme == "https" else None
        self._model = model

    def aliases(self) -> dict[str, str]:
        """Version numbers by alias. Raises `RegistryUnavailable`."""
        response = self._get("registered-models/get", _ModelResponse, name=self._model)
        return {entry.alias: entry.version for entry in response.registered_model.aliases}

    def version(self, number: str) -> ModelVersion:
        """The entry of a version. Raises `RegistryUnavailable` or `ModelRejected`."""
        response = self._get(
            "model-versions/get", _VersionResponse, name=self._model, version=number
        )
        tags = {tag.key: tag.value for tag in response.model_version.tags}
        return ModelVersion.from_tags(number, tags)

    def _get(self, endpoint: str, response_type: type[T], **parameters: str) -> T:
        headers = {"Authorization": self._authorization} if self._authorization else {}
        url = f"{self._base}{API_PATH}{endpoint}?{urlencode(parameters)}"
        try:
            body = fetch(url, timeout=REQUEST_TIMEOUT, headers=headers, tls=self._tls)
            return msgspec.json.decode(body, type=response_type, strict=False)
        except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as failure:
            kind = RegistryAccessDenied if is_access_denied(failure) else RegistryUnavailable
            raise kind(f"{self._base}: {_describe(failure)}") from None


def _describe(failure: Any) -> str:
    """MLflow's error code, if the response has one."""
    try:
        body = msgspec.json.decode(failure.read())
        return f"{failure.code} {body['error_code']}"
    except Exception:  # noqa: BLE001  not an error response of MLflow
        return str(failure)
