"""The cache of compiled models on disk, keyed by the digest of the model file.

A model that this machine has compiled and checked before starts without scikit-learn: in one second
instead of four, and with a third of the memory.
"""

import hashlib
import zipfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import msgspec
import numpy as np

from contract.schema import Schema
from stream_app.models.compiled import COMPILERS, CompiledModel

FORMAT: Final = "4"
"""Part of the key. It changes with the file format, so that older files are ignored."""

_KINDS: Final = {kind.__name__: kind for kind in COMPILERS}


def compiled_file(data_dir: Path, digest: str, threshold: float, schema: Schema) -> Path:
    """The file of a compiled model, whether or not it exists.

    The same model file under the same versions of scikit-learn and NumPy compiles to the same
    arrays. Only models that passed all checks are cached.

    Args:
        data_dir: INTENT_DATA_DIR.
        digest: SHA-256 of the model file.
        threshold: Decision threshold at which the classes were compared.
        schema: Of the records, whose inputs and classes are part of the key.
    """
    versions = f"{FORMAT} {version('scikit-learn')} {version('numpy')}"
    columns = msgspec.json.encode((schema.inputs, schema.target)).decode()
    key = hashlib.sha256(f"{digest} {threshold!r} {versions} {columns}".encode())
    return data_dir / "compiled" / f"{key.hexdigest()}.npz"


def save_compiled(compiled: CompiledModel, file: Path) -> None:
    """Writes a compiled model atomically."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as temporary:
        np.savez(temporary, kind=np.array(type(compiled).__name__), **asdict(compiled))
    Path(temporary.name).replace(file)


def load_compiled(file: Path) -> CompiledModel | None:
    """Reads a compiled model; None if there is none, or it is damaged."""
    try:
        with file.open("rb") as content, np.load(content, allow_pickle=False) as arrays:
            kind = _KINDS[str(arrays["kind"])]
            return kind(**{name: arrays[name] for name in arrays.files if name != "kind"})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
