"""The champion of a registry that is an SQLite file on this machine, read without MLflow.

A short cut for a quick start. Whatever it does not find as it expects, MLflow is asked.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from contract.registry import CHAMPION, MODEL_FILE
from contract.settings import Settings
from stream_app.model.located import Located

SCHEME: Final = "sqlite:///"

QUERY: Final = """
    SELECT version.version, version.storage_location
    FROM registered_model_aliases AS named
    JOIN model_versions AS version USING (workspace, name, version)
    WHERE named.workspace = 'default' AND named.name = ? AND named.alias = ?
"""


def champion(settings: Settings) -> Located | None:
    """The champion, if it is there to read; None says nothing but that MLflow must be asked."""
    if not settings.registry_uri.startswith(SCHEME):
        return None
    tables = Path(settings.registry_uri.removeprefix(SCHEME))
    try:
        with closing(sqlite3.connect(f"{tables.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            row = opened.execute(QUERY, (settings.model_name, CHAMPION)).fetchone()
    except sqlite3.Error:  # no such file, or tables of another MLflow
        return None
    if row is None or not str(row[1]).startswith("file://"):
        return None
    file = Path(unquote(urlsplit(row[1]).path), MODEL_FILE)
    return Located(str(row[0]), file) if file.is_file() else None
