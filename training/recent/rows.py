"""The rows that a model is learnt from, wherever they come from: one frame, one file. Pure."""

import io
import json
from typing import Final

import pandas as pd

from contract.features import FEATURES, TARGET, csv_types
from contract.schema.default import SCHEMA
from data import dataset

SOURCE: Final = "source"
ID: Final = "id"
EVENT_TIME: Final = "event_time"
COLUMNS: Final = (SOURCE, ID, EVENT_TIME, *FEATURES, TARGET)
"""Where a row comes from, its id there, milliseconds since the epoch (0 in a data set), and what
a model learns from. In the order of time, a data set before the stream."""

DATA_SET: Final = "data set"
STREAM: Final = "stream"

ARTIFACT: Final = "training/rows.csv"
"""Artifact of a version's run: the rows that its training was given, all of them."""


def of_data_set(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `data.dataset.load`."""
    own = {SOURCE: DATA_SET, ID: frame[dataset.id_column(SCHEMA)], EVENT_TIME: 0}
    return pd.DataFrame({name: own.get(name, frame.get(name)) for name in COLUMNS})


def together(data_set: pd.DataFrame, stream: pd.DataFrame) -> pd.DataFrame:
    """Both, the data set first."""
    return pd.concat([data_set, stream], ignore_index=True) if len(stream) else data_set


def from_stream(rows: pd.DataFrame) -> int:
    """How many of the rows are the stream's: the last ones."""
    return int((rows[SOURCE] == STREAM).sum())


def to_text(rows: pd.DataFrame) -> str:
    """The rows as CSV: a number that is read again is the same, and so is an id, here in JSON."""
    return rows.assign(**{ID: rows[ID].map(json.dumps)}).to_csv(index=False, lineterminator="\n")


def from_text(text: str) -> pd.DataFrame:
    """What `to_text` made into text."""
    told = csv_types()
    told["dtype"] |= {SOURCE: str, ID: str}
    rows: pd.DataFrame = pd.read_csv(io.StringIO(text), **told)
    return rows.assign(**{ID: rows[ID].map(json.loads)})
