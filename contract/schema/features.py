"""Records -> the model's input: the same code for training and for scoring."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from msgspec.structs import fields
from numpy.typing import NDArray

from contract.schema.columns import Column
from contract.schema.inputs import BOOLEANS, category_names, model_inputs

if TYPE_CHECKING:
    import pandas as pd

    from contract.events import CustomerRecord

FeatureArrays: TypeAlias = tuple[NDArray[Any], ...]
"""An array of shape (n,) for each input: numbers, NaN where missing, or codes of categories,
-1 where missing. A code is the category's index in its input."""

ToArrays: TypeAlias = Callable[[Sequence[Any]], FeatureArrays]

_SECONDS_OF_DAY: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MONDAY: Final = 4
"""Days from the epoch, a Thursday."""


class FeatureEncoder:
    """Encodes records of a schema as arrays and as frames, and rows as records.

    Attributes:
        to_arrays: Records to an array for each input.
    """

    def __init__(
        self, columns: Sequence[Column], record_type: Any, to_arrays: ToArrays | None = None
    ) -> None:
        """Prepares the encoder.

        Args:
            columns: Those of the records. Their inputs are in the order of the arrays.
            record_type: The type of the records.
            to_arrays: A faster way from these records to their arrays.
        """
        attributes = {field.encode_name: field.name for field in fields(record_type)}
        self._columns = tuple(columns)
        self._inputs = model_inputs(columns)
        self._record_type = record_type
        self._attributes = {column.name: attributes[column.wire_name] for column in columns}
        self._readers = [
            reader for column in columns for reader in _readers(column, self._attributes)
        ]
        self._categories = {
            each.name: np.array([*each.categories, np.nan], dtype=object)  # NaN at code -1
            for each in self._inputs
            if not each.numerical
        }
        self.to_arrays: ToArrays = to_arrays or self._read

    def _read(self, records: "Sequence[CustomerRecord]") -> FeatureArrays:
        return tuple(read(records) for read in self._readers)

    def to_frame(self, records: "Sequence[CustomerRecord]") -> "pd.DataFrame":
        """The records as the input of a scikit-learn model, see `arrays_to_frame`."""
        return self.arrays_to_frame(self.to_arrays(records))

    def arrays_to_frame(self, arrays: FeatureArrays) -> "pd.DataFrame":
        """The input of a scikit-learn model: categories as text, numbers as float64, else NaN.

        The model does its own encoding, so that anybody can use what is registered.
        """
        import pandas as pd  # noqa: PLC0415  takes a second, which the scoring of arrays is spared

        return pd.DataFrame(
            {
                each.name: values if each.numerical else self._categories[each.name][values]
                for each, values in zip(self._inputs, arrays, strict=True)
            }
        )

    def to_rows(self, records: "Sequence[CustomerRecord]") -> "pd.DataFrame":
        """The records with all that makes them anew: their frame, and dates and times as text."""
        return self.to_frame(records).assign(
            **{
                column.name: np.array(
                    [
                        np.nan if moment is None else moment.isoformat()
                        for moment in map(attrgetter(self._attributes[column.name]), records)
                    ],
                    dtype=object,
                )
                for column in self._columns
                if column.temporal
            }
        )

    def to_records(
        self, rows: "pd.DataFrame", ids: Iterable[str | None] | None = None
    ) -> "list[CustomerRecord]":
        """Rows as records, with these ids if given.

        Args:
            rows: Of `data.dataset.load_dataset`, or of `to_rows`.
            ids: An id for each row.
        """
        cells = [_cells(column, rows[column.name].tolist()) for column in self._columns]
        names = list(self._attributes.values())
        records = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
        if ids is not None:
            for record, record_id in zip(records, ids, strict=True):
                record["id"] = record_id
        return [self._record_type(**record) for record in records]


def _cells(column: Column, values: list[Any]) -> list[Any]:
    if column.nullable:
        values = [None if value is None or value != value else value for value in values]  # noqa: PLR0124  NaN
    convert = _from_cell(column)
    if convert is None:
        return values
    return [value if value is None else convert(value) for value in values]


def _from_cell(column: Column) -> Callable[[Any], Any] | None:
    """What makes a record's value of a row's; None if they are the same."""
    if column.integer:
        return int
    if column.type == "boolean":
        return lambda text: text == BOOLEANS[True]
    if column.type == "date":
        return date.fromisoformat
    if column.type == "datetime":
        return datetime.fromisoformat
    if column.coded:
        unlisted = next(code for code in count() if code not in column.categories)
        return lambda text: unlisted if text == column.other else int(text)
    return None


Reader: TypeAlias = "Callable[[Sequence[Any]], NDArray[Any]]"


def _readers(column: Column, attributes: Mapping[str, str]) -> list[Reader]:
    """A reader for each input of a column."""
    get = attrgetter(attributes[column.name])
    if column.temporal:
        return [_derive(column, derivation, attributes) for derivation in column.derive]
    if column.numerical:
        return [lambda records: np.array(list(map(get, records)), dtype=np.float64)]
    values: Iterable[Any] = (False, True) if column.type == "boolean" else column.categories
    codes = {value: code for code, value in enumerate(values)} | {None: -1}
    if column.other:
        code_of, other = codes.get, category_names(column).index(column.other)
        return [
            lambda records: np.array(
                [code_of(value, other) for value in map(get, records)], dtype=np.intp
            )
        ]
    return [lambda records: np.array([codes[value] for value in map(get, records)], dtype=np.intp)]


def _derive(column: Column, derivation: str, attributes: Mapping[str, str]) -> Reader:
    moments = _moments(attributes[column.name])
    if derivation == "hour":
        return lambda records: np.floor(moments(records) % _SECONDS_OF_DAY / 3600)
    if derivation == "weekday":
        return lambda records: _weekdays(moments(records))
    if column.age_at not in attributes:
        end = _seconds(date.fromisoformat(column.age_at))
        return lambda records: (end - moments(records)) / _SECONDS_OF_DAY
    ends = _moments(attributes[column.age_at])
    return lambda records: (ends(records) - moments(records)) / _SECONDS_OF_DAY


def _weekdays(seconds: NDArray[np.float64]) -> NDArray[np.intp]:
    missing = np.isnan(seconds)
    days = np.floor(np.where(missing, 0, seconds) / _SECONDS_OF_DAY)
    return np.where(missing, -1, (days - _FIRST_MONDAY) % 7).astype(np.intp)


def _moments(attribute: str) -> "Callable[[Sequence[Any]], NDArray[np.float64]]":
    """Reads dates or times as seconds since the epoch, NaN where missing."""
    get = attrgetter(attribute)
    return lambda records: np.array([_seconds(each) for each in map(get, records)], np.float64)


def _seconds(moment: date | datetime | None) -> float:
    """A time without an offset, and midnight of a date, count as UTC."""
    if moment is None:
        return float("nan")
    if not isinstance(moment, datetime):
        return float((moment - _EPOCH.date()).days) * _SECONDS_OF_DAY
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) / timedelta(seconds=1)
