"""Records -> the model's input: the same code for training and for scoring."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from msgspec.structs import fields
from numpy.typing import NDArray

from contract.schema.columns import Column

if TYPE_CHECKING:
    import pandas as pd

    from contract.events import CustomerRecord

FeatureArrays: TypeAlias = tuple[NDArray[Any], ...]
"""An array of shape (n,) for each feature: numbers, NaN where missing, or codes of categories,
-1 where missing. A code is the category's index in its column."""

ToArrays: TypeAlias = Callable[[Sequence[Any]], FeatureArrays]


class FeatureEncoder:
    """Encodes records of a schema as arrays and as frames, and rows as records.

    Attributes:
        to_arrays: Records to an array for each feature.
    """

    def __init__(
        self, columns: Sequence[Column], record_type: Any, to_arrays: ToArrays | None = None
    ) -> None:
        """Prepares the encoder.

        Args:
            columns: The features, in the order of the arrays.
            record_type: The type of the records.
            to_arrays: A faster way from these records to their arrays.
        """
        attributes = {field.encode_name: field.name for field in fields(record_type)}
        self._columns = tuple(columns)
        self._record_type = record_type
        self._attributes = [attributes[column.name] for column in columns]
        self._readers = [
            _reader(column, attribute)
            for column, attribute in zip(columns, self._attributes, strict=True)
        ]
        self._categories = {
            column.name: np.array([*column.categories, np.nan], dtype=object)  # NaN at code -1
            for column in columns
            if not column.numerical
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
                column.name: values if column.numerical else self._categories[column.name][values]
                for column, values in zip(self._columns, arrays, strict=True)
            }
        )

    def to_records(
        self, rows: "pd.DataFrame", ids: Iterable[str | None] | None = None
    ) -> "list[CustomerRecord]":
        """The rows of a frame as records, with these ids if given."""
        cells = [_cells(column, rows[column.name].tolist()) for column in self._columns]
        records = [
            dict(zip(self._attributes, row, strict=True)) for row in zip(*cells, strict=True)
        ]
        if ids is not None:
            for record, record_id in zip(records, ids, strict=True):
                record["id"] = record_id
        return [self._record_type(**record) for record in records]


def _cells(column: Column, values: list[Any]) -> list[Any]:
    if column.nullable:
        values = [None if value is None or value != value else value for value in values]  # noqa: PLR0124  NaN
    if column.integer:
        return [value if value is None else int(value) for value in values]
    return values


def _reader(column: Column, attribute: str) -> "Callable[[Sequence[Any]], NDArray[Any]]":
    get = attrgetter(attribute)
    if column.numerical:
        return lambda records: np.array(list(map(get, records)), dtype=np.float64)
    codes = {value: code for code, value in enumerate(column.categories)} | {None: -1}
    return lambda records: np.array([codes[value] for value in map(get, records)], dtype=np.intp)
