"""Reads an MLflow registry in a local SQLite file without MLflow, from its tables."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from contract.model.checks import digested_file
from contract.model.version import ModelVersion
from contract.registry import DIGEST_TAG, RULE_TAGS
from stream_app.models.registries.registry import RegistryUnavailable

SCHEME: Final = "sqlite:///"

WORKSPACE: Final = "default"

ALIASES_QUERY: Final = """
    SELECT alias, version FROM registered_model_aliases WHERE workspace = ? AND name = ?
"""
VERSION_QUERY: Final = """
    SELECT storage_location, key, value
    FROM model_versions AS entry
    LEFT JOIN model_version_tags AS tag
    ON (tag.workspace, tag.name, tag.version) = (entry.workspace, entry.name, entry.version)
        AND key IN (?, ?, ?)
    WHERE entry.workspace = ? AND entry.name = ? AND entry.version = ?
"""


class SqliteRegistry:
    """Opens the file for each query, read-only, and closes it afterwards."""

    def __init__(self, uri: str, model: str) -> None:
        self._file = Path(uri.removeprefix(SCHEME)).absolute()
        self._model = model

    def aliases(self) -> dict[str, str]:
        """Version numbers by alias. Raises `RegistryUnavailable`."""
        rows = self._query(ALIASES_QUERY, WORKSPACE, self._model)
        return {alias: str(number) for alias, number in rows}

    def version(self, number: str) -> ModelVersion:
        """The entry of a version. Raises `RegistryUnavailable` or `ModelRejected`."""
        tags = DIGEST_TAG, *RULE_TAGS
        rows = self._query(VERSION_QUERY, *tags, WORKSPACE, self._model, number)
        if not rows:
            raise RegistryUnavailable(f"{self._file} has no version {number} of {self._model}")
        location = rows[0][0]
        folder = Path(unquote(urlsplit(str(location)).path))
        is_local = str(location).startswith("file://") and digested_file(folder).is_file()
        values = {key: value for _, key, value in rows if key}
        return ModelVersion.from_tags(number, values, folder if is_local else None)

    def _query(self, query: str, *parameters: str) -> list[Any]:
        try:
            uri = f"{self._file.as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                return connection.execute(query, parameters).fetchall()
        except sqlite3.Error as failure:  # no such file, or tables of another MLflow version
            raise RegistryUnavailable(f"{self._file}: {failure}") from None
