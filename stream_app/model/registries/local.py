"""A registry that is an SQLite file on this machine, read without MLflow as the tables it is."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from contract.model.version import ModelVersion
from contract.registry import DIGEST, MODEL_FILE
from stream_app.model.registries.asking import Unanswered

SCHEME: Final = "sqlite:///"

WORKSPACE: Final = "default"

ALIASES: Final = """
    SELECT alias, version FROM registered_model_aliases WHERE workspace = ? AND name = ?
"""
VERSION: Final = """
    SELECT storage_location, value
    FROM model_versions AS found
    LEFT JOIN model_version_tags AS tag
    ON (tag.workspace, tag.name, tag.version, key)
        = (found.workspace, found.name, found.version, ?)
    WHERE found.workspace = ? AND found.name = ? AND found.version = ?
"""


class LocalRegistry:
    """Each question opens the file and closes it."""

    def __init__(self, uri: str, model: str) -> None:
        self._tables = Path(uri.removeprefix(SCHEME)).absolute()
        self._model = model

    def aliases(self) -> dict[str, str]:
        """The version's number by its alias. Raises `Unanswered`."""
        return {alias: str(number) for alias, number in self._ask(ALIASES, WORKSPACE, self._model)}

    def version(self, number: str) -> ModelVersion:
        """What is known of a version. Raises `Unanswered`."""
        rows = self._ask(VERSION, DIGEST, WORKSPACE, self._model, number)
        if not rows:
            raise Unanswered(f"{self._tables} has no version {number} of {self._model}")
        ((location, sha256),) = rows
        folder = Path(unquote(urlsplit(str(location)).path))
        is_here = str(location).startswith("file://") and (folder / MODEL_FILE).is_file()
        return ModelVersion(number, sha256, folder if is_here else None)

    def _ask(self, query: str, *given: str) -> list[Any]:
        try:
            uri = f"{self._tables.as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as opened:
                return opened.execute(query, given).fetchall()
        except sqlite3.Error as failure:  # no such file, or tables of another MLflow
            raise Unanswered(f"{self._tables}: {failure}") from None
