"""Training rows of every source: one frame, and one CSV artifact for each version. Pure."""

import io
import json
from typing import Final

import pandas as pd

from contract.schema import Schema
from data import dataset

SOURCE: Final = "source"
ID: Final = "id"
EVENT_TIME: Final = "event_time"
DATA_SET: Final = "data set"
STREAM: Final = "stream"

ARTIFACT: Final = "training/rows.csv"
"""Artifact of a version's run: all rows that its training was given."""


def columns(schema: Schema) -> tuple[str, ...]:
    """The columns of the rows, which are ordered by time, the data set before the stream.

    Source of a row, its id there, event time (ms since the epoch; 0 in a data set), features,
    the dates and times that some of those are made of, and target.
    """
    return (SOURCE, ID, EVENT_TIME, *schema.features, *schema.temporal, schema.target.name)


def from_dataset(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Converts the frame of `data.dataset.load_dataset` to rows."""
    rows = schema.encoder.to_rows(schema.encoder.to_records(frame))
    added = {SOURCE: DATA_SET, ID: frame[dataset.id_column(schema)], EVENT_TIME: 0}
    added[schema.target.name] = frame[schema.target.name]
    return pd.DataFrame({name: added.get(name, rows.get(name)) for name in columns(schema)})


def concat(data_set: pd.DataFrame, stream: pd.DataFrame) -> pd.DataFrame:
    """The data set's rows, then the stream's."""
    return pd.concat([data_set, stream], ignore_index=True) if len(stream) else data_set


def count_stream_rows(rows: pd.DataFrame) -> int:
    """How many of the rows are the stream's: the last ones."""
    return int((rows[SOURCE] == STREAM).sum())


def to_csv(rows: pd.DataFrame) -> str:
    """The rows as CSV, without loss: numbers read back are equal, and ids are encoded as JSON."""
    return rows.assign(**{ID: rows[ID].map(json.dumps)}).to_csv(index=False, lineterminator="\n")


def from_csv(text: str, schema: Schema) -> pd.DataFrame:
    """Reads the CSV that `to_csv` wrote."""
    options = schema.csv_types
    options["dtype"] |= {SOURCE: str, ID: str}
    rows: pd.DataFrame = pd.read_csv(io.StringIO(text), **options)
    return rows.assign(**{ID: rows[ID].map(json.loads)})
