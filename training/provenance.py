"""A training's provenance: hashes of the data, revision of the code, library versions."""

import hashlib
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pandas as pd

from contract.schema import Schema

LIBRARIES: Final = ("mlflow", "numpy", "pandas", "scikit-learn", "skops")


def rows_sha256(frame: pd.DataFrame, schema: Schema) -> str:
    """SHA-256 of features and target, in order; independent of the file's format."""
    columns = [*schema.features, schema.target.name]
    canonical = frame[columns].to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(canonical.encode()).hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256 of a text, encoded in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_revision(folder: Path) -> str:
    """The git commit of the folder's files, with `-dirty` if they were changed since.

    `unknown` if git is not installed or does not track these files.
    """
    tracked = _git(folder, "ls-files", "--", ".")
    commit = _git(folder, "describe", "--always", "--abbrev=40", "--match=", "--dirty")
    return commit if tracked and commit else "unknown"


def library_versions() -> dict[str, str]:
    """The versions of Python and of the libraries that a model depends on, by name."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _git(folder: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if not git:
        return ""
    done = subprocess.run(
        [git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""
