"""Records -> the model's input: the same code for training and for scoring, whatever the table."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from msgspec.structs import fields
from numpy.typing import NDArray

from contract import cars
from contract.classes import TEXTS
from contract.events import CustomerRecord
from contract.table.chosen import IS_CARS, TABLE
from contract.table.description import Column

if TYPE_CHECKING:
    import pandas as pd

FEATURES: Final = tuple(column.name for column in TABLE.columns)
CATEGORICAL: Final = tuple(column.name for column in TABLE.columns if not column.numerical)
TARGET: Final = TABLE.target.name
NUMERICAL: Final = tuple(column.name for column in TABLE.columns if column.numerical)
OPTIONAL: Final = tuple(column.name for column in TABLE.columns if column.missing)
"""Features that a record may lack."""

Floats: TypeAlias = NDArray[np.float64]
Columns: TypeAlias = tuple[NDArray[Any], ...]
"""An array of shape (n,) for each of `FEATURES`: numbers, NaN where missing, or the places of
categories among the column's values, -1 where missing. Of cars it is a `contract.cars.Columns`."""

_ATTRIBUTES: Final = {field.encode_name: field.name for field in fields(CustomerRecord)}


def columns(records: Sequence[CustomerRecord]) -> Columns:
    """The records' features as arrays."""
    return cars.columns(records) if IS_CARS else tuple(read(records) for read in _READERS)


def frame(records: Sequence[CustomerRecord]) -> "pd.DataFrame":
    """The records as the input of a scikit-learn model, see `frame_of`."""
    return frame_of(columns(records))


def frame_of(given: Columns) -> "pd.DataFrame":
    """The input of a scikit-learn model: categories as text, numbers as float64, NaN for none.

    The model does its own encoding, so that what is registered can be used by anybody.
    """
    import pandas as pd  # noqa: PLC0415  takes a second, which a scorer of arrays is spared

    return pd.DataFrame(
        {
            column.name: values if column.numerical else _texts(column)[values]
            for column, values in zip(TABLE.columns, given, strict=True)
        }
    )


def records(
    rows: "pd.DataFrame", names: Iterable[str | None] | None = None
) -> list[CustomerRecord]:
    """The rows of a frame as records, under these ids if given."""
    known = [_cells(column, rows[column.name].tolist()) for column in TABLE.columns]
    attributes = [_ATTRIBUTES[name] for name in FEATURES]
    found = [dict(zip(attributes, cells, strict=True)) for cells in zip(*known, strict=True)]
    if names is not None:
        for each, name in zip(found, names, strict=True):
            each["id"] = name
    return [CustomerRecord(**each) for each in found]


def csv_types() -> dict[str, Any]:
    """How pandas reads rows that it has written: text stays text, and only what may lack lacks."""
    answers = (TARGET, "prediction") if TEXTS else ()
    return {
        "dtype": dict.fromkeys((*CATEGORICAL, *answers), str),
        "keep_default_na": False,
        "na_values": {name: [""] for name in OPTIONAL},
        "float_precision": "round_trip",
    }


def _cells(column: Column, values: list[Any]) -> list[Any]:
    if column.missing:
        values = [None if value is None or value != value else value for value in values]  # noqa: PLR0124  NaN
    if column.whole:
        return [value if value is None else int(value) for value in values]
    return values


def _texts(column: Column) -> NDArray[Any]:
    """The column's values, and NaN at the place -1."""
    return np.array([*column.values, np.nan], dtype=object)


def _reader(column: Column) -> Callable[[Sequence[CustomerRecord]], NDArray[Any]]:
    get = attrgetter(_ATTRIBUTES[column.name])
    if column.numerical:
        return lambda records: np.array(list(map(get, records)), dtype=np.float64)
    place = {value: code for code, value in enumerate(column.values)} | {None: -1}
    return lambda records: np.array([place[each] for each in map(get, records)], dtype=np.intp)


_READERS: Final = tuple(map(_reader, TABLE.columns))
