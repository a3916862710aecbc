"""An MLflow server, asked by its REST API without MLflow, whose import takes seconds and 200 MB."""

from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from contract.http_client import fetch
from contract.model.version import ModelVersion
from contract.registry import DIGEST, is_access_denied
from stream_app.model.registries.asking import Denied, Unanswered
from stream_app.model.registries.credentials import authorization, tls

SCHEMES: Final = ("http://", "https://")

API: Final = "/api/2.0/mlflow/"

PATIENCE: Final = 5.0
"""Seconds that the server has for an answer."""

Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}$")]
"""Of a version: it becomes part of a path."""


class _Alias(msgspec.Struct):
    alias: str
    version: Number


class _Model(msgspec.Struct):
    aliases: list[_Alias] = []


class _Models(msgspec.Struct):
    registered_model: _Model


class _Tag(msgspec.Struct):
    key: str
    value: str = ""


class _Version(msgspec.Struct):
    tags: list[_Tag] = []


class _Versions(msgspec.Struct):
    model_version: _Version


T = TypeVar("T")


class ServerRegistry:
    """A connection for each question."""

    def __init__(self, uri: str, model: str) -> None:
        parts = urlsplit(uri)
        self._base = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._authorization = authorization(parts.username, parts.password)
        self._tls = tls() if parts.scheme == "https" else None
        self._model = model

    def aliases(self) -> dict[str, str]:
        """The version's number by its alias. Raises `Unanswered`, or as it `Denied`."""
        found = self._get("registered-models/get", _Models, name=self._model)
        return {each.alias: each.version for each in found.registered_model.aliases}

    def version(self, number: str) -> ModelVersion:
        """What is known of a version. Raises `Unanswered`."""
        found = self._get("model-versions/get", _Versions, name=self._model, version=number)
        tags = {tag.key: tag.value for tag in found.model_version.tags}
        return ModelVersion(number, tags.get(DIGEST))

    def _get(self, call: str, answer: type[T], **given: str) -> T:
        headers = {"Authorization": self._authorization} if self._authorization else {}
        url = f"{self._base}{API}{call}?{urlencode(given)}"
        try:
            reply = fetch(url, timeout=PATIENCE, headers=headers, tls=self._tls)
            return msgspec.json.decode(reply, type=answer, strict=False)
        except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as failure:
            kind = Denied if is_access_denied(failure) else Unanswered
            raise kind(f"{self._base}: {_words(failure)}") from None


def _words(failure: Any) -> str:
    try:
        told = msgspec.json.decode(failure.read())
        return f"{failure.code} {told['error_code']}"
    except Exception:  # noqa: BLE001  it says no more than its text
        return str(failure)
