"""Compiled models on disk, by the content of the file that they were made from.

A model that this machine has compiled and checked once starts without scikit-learn: in a second
instead of four, and with a third of the memory.
"""

import hashlib
import zipfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import numpy as np

from stream_app.model.compiled.cells import Cells
from stream_app.model.compiled.surface import Surface

FORMAT: Final = "2"
"""Changes with the meaning of what is written, so that older files are not found."""

KINDS: Final = {kind.__name__: kind for kind in (Cells, Surface)}


def path(home: Path, digest: str) -> Path:
    """Where the form of a model file is kept below the home folder, whether or not it is there.

    The same content, which the digest of the file tells, under the same scikit-learn makes the same
    form. Only what was loaded and checked is kept.
    """
    made_of = hashlib.sha256(
        f"{digest} {FORMAT} {version('scikit-learn')} {version('numpy')}".encode()
    )
    return home / "compiled" / f"{made_of.hexdigest()}.npz"


def write(form: Cells | Surface, to: Path) -> None:
    """Keeps a form. A reader finds all of it or nothing."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=to.parent, suffix=".tmp", delete=False) as file:
        np.savez(file, kind=np.array(type(form).__name__), **asdict(form))
    Path(file.name).replace(to)


def read(file: Path) -> Cells | Surface | None:
    """A kept form; None if there is none, or it is damaged."""
    try:
        with file.open("rb") as content, np.load(content, allow_pickle=False) as arrays:
            kind = KINDS[str(arrays["kind"])]
            return kind(**{name: arrays[name] for name in arrays.files if name != "kind"})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
