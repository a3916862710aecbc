"""Closed windows on disk: their records, predictions and sample.

A restarted process continues from them, and late records are added to them.
"""

import logging
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
import pandas as pd

from contract.schema import Schema
from contract.schema.task import Task
from monitoring.reporting.record_arrays import last_offsets, state_of, state_to_arrays
from monitoring.windows.batch import PackedCodes, TopicPartition
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.paired_predictions import NO_PREDICTION, PairedPredictions, VersionCodes
from monitoring.windows.window import WindowState

log = logging.getLogger(__name__)

T = TypeVar("T")

SUFFIX: Final = ".npz"
SAMPLE: Final = "sample."
PAIRED: Final = "paired."
MISSING_TEXT: Final = ""
"""Stands for a missing text: no category or class is empty."""

DAMAGED: Final = (
    EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error, msgspec.MsgspecError
)  # fmt: skip
"""What reading a file raises that is not as it was written."""


@dataclass(frozen=True, slots=True)
class ArchivedWindow:
    """A closed window's predictions, for outcomes to come, and its sample, for their report.

    Attributes:
        state: What it was made of, for late records; None if it takes none.
    """

    labels: LabelledWindow
    sample: pd.DataFrame
    state: WindowState | None = None


class WindowArchive:
    """The latest closed windows, a file each. They hold plain arrays and no code."""

    def __init__(self, folder: Path, max_windows: int, schema: Schema) -> None:
        """Uses a folder that exists; the oldest beyond `max_windows` are removed."""
        self._folder = folder
        self._max_windows = max_windows
        self._schema = schema

    def save(self, window: ArchivedWindow) -> None:
        """Writes a window, and removes the oldest if there are too many."""
        path = self._path(window.labels.start)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **_to_arrays(window))
        part.replace(path)
        for old in self._paths()[: -self._max_windows]:
            old.unlink()

    def load_all(self) -> list[ArchivedWindow]:
        """Loads the windows, the oldest first. Their outcomes are read again from the topic.

        Those of a target of another kind are left out.
        """
        paths, task = self._paths()[-self._max_windows :], self._schema.task
        windows = [_read(path, lambda arrays: _load(arrays, task)) for path in paths]
        return [each for each in windows if each and each.labels.numeric == task.numeric]

    def load_state(self, start: int) -> WindowState | None:
        """What the window with this start (ms) was made of; None if there is no such window."""
        return _read(self._path(start), lambda arrays: state_of(arrays, self._schema))

    def last_offsets(self, start: int) -> dict[TopicPartition, int] | None:
        """By partition, the offset of the window's last record; None if it takes no more."""
        return _read(self._path(start), last_offsets)

    def _path(self, start: int) -> Path:
        return self._folder / f"{start:015d}{SUFFIX}"

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))


def _to_arrays(window: ArchivedWindow) -> dict[str, Any]:
    labels = window.labels
    return {
        "bounds": np.array([labels.start, labels.end], np.int64),
        "ids": labels.ids,
        "predicted": labels.predicted,
        **_paired_arrays(labels),
        **(state_to_arrays(window.state) if window.state else {}),
        **{f"{SAMPLE}{name}": _without_nulls(column) for name, column in window.sample.items()},
    }


def _paired_arrays(labels: LabelledWindow) -> dict[str, Any]:
    if labels.paired is None:
        return {}
    return {
        f"{PAIRED}versions": np.array(labels.paired.versions.versions, np.str_),
        f"{PAIRED}champion": labels.paired.champion,
        f"{PAIRED}shadow": labels.paired.shadow,
    }


def _without_nulls(column: pd.Series) -> np.ndarray:
    values = column.to_numpy()
    if values.dtype != object:
        return values
    return np.where(pd.isna(values), MISSING_TEXT, values).astype(np.str_)


def _read(path: Path, read: Callable[[Any], T]) -> T | None:
    """What a file has; None without it, or if it is damaged, as after a power failure."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return read(arrays)
    except FileNotFoundError:
        return None
    except DAMAGED as fault:
        log.warning(
            "damaged file=%s: its window gets no more outcomes or late records (%s)", path, fault
        )
        return None


def _load(arrays: Any, task: Task) -> ArchivedWindow:
    start, end = arrays["bounds"].tolist()
    sample = {
        name.removeprefix(SAMPLE): arrays[name] for name in arrays.files if name.startswith(SAMPLE)
    }
    ids, paired = arrays["ids"], None
    if f"{PAIRED}versions" in arrays.files:  # earlier versions of this program had none
        paired = PairedPredictions(
            VersionCodes(task, arrays[f"{PAIRED}versions"].tolist()),
            ids,
            _two_bytes(arrays[f"{PAIRED}champion"]),
            _two_bytes(arrays[f"{PAIRED}shadow"]),
        )
    labels = LabelledWindow(start, end, ids, arrays["predicted"], paired)
    return ArchivedWindow(labels, _to_table(sample))


def _two_bytes(codes: np.ndarray) -> PackedCodes:
    """The packed codes; earlier versions of this program wrote one byte, 255 for none."""
    if codes.dtype == np.uint16:
        return codes
    wide = codes.astype(np.uint16)
    wide[codes == 2**8 - 1] = NO_PREDICTION
    return wide


def _to_table(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: _with_nulls(values) if values.dtype.kind == "U" else values
            for name, values in columns.items()
        }
    )


def _with_nulls(values: np.ndarray) -> np.ndarray:
    return np.where(values == MISSING_TEXT, np.nan, values.astype(object))
