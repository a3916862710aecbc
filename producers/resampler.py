"""Simulates records of a schema file by drawing rows of its data set with replacement.

Drift draws rows with high values in one column more often than others. The rows do not change, and
neither do their outcomes. Pure and seeded.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.events import CustomerRecord
from contract.schema import Column, Schema
from contract.schema.columns import MAX_INTEGER
from contract.schema.inputs import category_names
from data.population import Floats
from producers.simulator import Corruption, SimulationConfig, Simulator


class Resampler(Simulator):
    """Draws rows.

    Args:
        rows: Rows of `data.dataset.load_dataset`.
        config: Parameters.
        schema: Schema of the rows.
        column: Column that drifts. Rows above its median, or with its last category, are high.
        weight: Factor by which high rows are drawn more often after the drift.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        config: SimulationConfig,
        schema: Schema,
        *,
        column: str,
        weight: float,
    ) -> None:
        self._rows = rows
        self._weight = weight
        target = rows[schema.target.name]
        self._outcomes = target.to_numpy() if schema.task.numeric else schema.classes.encode(target)
        is_high = _is_high(rows, column, schema)
        self._low_then_high = np.concatenate([np.flatnonzero(~is_high), np.flatnonzero(is_high)])
        self._high_count = int(is_high.sum())
        random = np.random.default_rng(config.seed)
        self._stratum_random, self._row_random = random.spawn(2)
        super().__init__(config, schema, random, corruptions(schema))

    def _sample(
        self, drift: Floats, ids: Sequence[str | None]
    ) -> tuple[Sequence[CustomerRecord], NDArray[Any]]:
        rows = self._draw_rows(drift)
        records = self._schema.encoder.to_records(self._rows.iloc[rows], ids)
        return records, self._outcomes[rows]

    def _draw_rows(self, drift: Floats) -> NDArray[np.intp]:
        """Row numbers, drawn at each progress of the drift (0 to 1), shape (n,)."""
        low_count, high_count = len(self._low_then_high) - self._high_count, self._high_count
        high_weight = high_count * (1 + drift * (self._weight - 1))
        is_high = self._stratum_random.random(len(drift)) * (low_count + high_weight) >= low_count
        position = self._row_random.random(len(drift))
        position = (position * np.where(is_high, high_count, low_count)).astype(np.intp)
        return np.asarray(self._low_then_high[position + np.where(is_high, low_count, 0)])


def _is_high(rows: pd.DataFrame, column_name: str, schema: Schema) -> NDArray[np.bool_]:
    column = next(column for column in schema.columns if column.name == column_name)
    values = rows[column_name]
    if column.numerical:
        return (values > values.median()).to_numpy(np.bool_)
    if column.temporal:
        present = sorted(values.dropna())  # ISO 8601 sorts by time
        middle = present[len(present) // 2] if present else ""
        return (values.fillna("") > middle).to_numpy(np.bool_)
    return (values == category_names(column)[-1]).to_numpy(np.bool_)


def corruptions(schema: Schema) -> tuple[Corruption, ...]:
    """Ways to make a record of the schema invalid. Each leads to another dead letter reason."""
    return tuple(_corruptions(schema))


def _corruptions(schema: Schema) -> Iterator[Corruption]:
    yield lambda value: value[: len(value) // 2]  # truncated
    yield lambda _: None
    name = schema.columns[0].wire_name
    yield lambda value: _replace_value(value, name, [])  # wrong type
    for column in schema.columns:
        if (invalid := _invalid_value(column)) is not None:
            break
    else:
        return
    yield lambda value: _replace_value(value, column.wire_name, invalid)
    required = next((column.wire_name for column in schema.columns if not column.nullable), None)
    if required:
        yield lambda value: _replace_value(value, required, None)


def _invalid_value(column: Column) -> Any:
    """A value of the column's type that is none of its values; None if there is none."""
    if column.range is not None:
        return 2 * abs(column.range[1]) + 1
    if column.coded:
        return 2 * MAX_INTEGER if column.other else max(map(abs, column.categories)) + 1  # type: ignore[arg-type]
    return "" if column.categories else None


def _replace_value(value: bytes, name: str, replacement: Any) -> bytes:
    """The record with another value of a field; without the field if that is None."""
    record = {**msgspec.json.decode(value), name: replacement}
    return msgspec.json.encode({key: item for key, item in record.items() if item is not None})
