"""What a closed window still needs of its rows, on disk: a restarted process goes on with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from monitoring.windows.labelled_window import Labels
from monitoring.windows.paired_predictions import Paired, Voices

SUFFIX: Final = ".npz"
SAMPLE: Final = "sample."
PAIRED: Final = "paired."
NOTHING: Final = ""
"""In place of a text that is missing: no category or class is empty."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A closed window's predictions, for outcomes to come, and its sample, for their report."""

    labels: Labels
    sample: pd.DataFrame


class Archive:
    """The latest closed windows, a file each. Plain arrays: nothing in them is code."""

    def __init__(self, folder: Path, kept: int) -> None:
        """`kept` windows stay; the folder is there."""
        self._folder = folder
        self._kept = kept

    def add(self, window: Kept) -> None:
        """Writes a window, and removes the oldest if they are too many."""
        path = self._folder / f"{window.labels.start:015d}{SUFFIX}"
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **_arrays(window))
        part.replace(path)
        for old in self._paths()[: -self._kept]:
            old.unlink()

    def load(self) -> list[Kept]:
        """The windows, the oldest first; their outcomes are read again from their topic."""
        return [_read(path) for path in self._paths()[-self._kept :]]

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))


def _arrays(window: Kept) -> dict[str, Any]:
    labels = window.labels
    return {
        "bounds": np.array([labels.start, labels.end], np.int64),
        "ids": labels.ids,
        "predicted": labels.predicted,
        **_paired(labels),
        **{f"{SAMPLE}{name}": _plain(column) for name, column in window.sample.items()},
    }


def _paired(labels: Labels) -> dict[str, Any]:
    if labels.paired is None:
        return {}
    return {
        f"{PAIRED}names": np.array(labels.paired.voices.names, np.str_),
        f"{PAIRED}champion": labels.paired.champion,
        f"{PAIRED}shadow": labels.paired.shadow,
    }


def _plain(column: pd.Series) -> np.ndarray:
    values = column.to_numpy()
    if values.dtype != object:
        return values
    return np.where(pd.isna(values), NOTHING, values).astype(np.str_)


def _read(path: Path) -> Kept:
    with np.load(path, allow_pickle=False) as arrays:
        start, end = arrays["bounds"].tolist()
        sample = {
            name.removeprefix(SAMPLE): arrays[name]
            for name in arrays.files
            if name.startswith(SAMPLE)
        }
        labels = Labels(start, end, arrays["ids"], arrays["predicted"])
        if f"{PAIRED}names" in arrays.files:  # earlier versions of this program had none
            labels.paired = Paired(
                Voices(arrays[f"{PAIRED}names"].tolist()),
                labels.ids,
                arrays[f"{PAIRED}champion"],
                arrays[f"{PAIRED}shadow"],
            )
        return Kept(labels, _table(sample))


def _table(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: _texts(values) if values.dtype.kind == "U" else values
            for name, values in columns.items()
        }
    )


def _texts(values: np.ndarray) -> np.ndarray:
    return np.where(values == NOTHING, np.nan, values.astype(object))
