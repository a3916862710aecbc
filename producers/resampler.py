"""Simulates records of a schema file by drawing rows of its data set with replacement.

Drift draws rows with high values in one column more often than others. The rows do not change, and
neither do their outcomes. Pure and seeded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract import codec
from contract.schema import Schema
from data.population import Floats
from producers.customer_simulator import SimulatedRecord
from producers.schedule import DriftSchedule


@dataclass(frozen=True, slots=True)
class ResamplingConfig:
    """Parameters of a simulation.

    Attributes:
        run: Part of every id, so that two runs share no ids.
        seed: Random seed. The same seed, run, rows and due times give the same bytes.
        column: Column that drifts. Rows above its median, or with its last category, are high.
        weight: Factor by which high rows are drawn more often after the drift.
        drift: When the distribution drifts.
        label_noise: When outcomes are the class listed after the true one.
        label_noise_ratio: Ratio of such outcomes then.
        invalid_ratio: Ratio of records that do not match the schema.
        features_only: Leave out id and key; there are no outcomes then.
        outcome_delay: Mean seconds from a record to its outcome.
    """

    run: str
    seed: int
    column: str
    weight: float
    drift: DriftSchedule
    label_noise: DriftSchedule
    label_noise_ratio: float
    invalid_ratio: float
    features_only: bool
    outcome_delay: float


class Resampler:
    """Draws rows one after the other. The n-th does not depend on the batch size."""

    def __init__(self, rows: pd.DataFrame, config: ResamplingConfig, schema: Schema) -> None:
        """`rows` are those of `data.dataset.load_dataset`."""
        self._config = config
        self._schema = schema
        self._corruptions = corruptions(schema)
        self._rows = rows
        self._actual = schema.classes.encode(rows[schema.target.name])
        is_high = _is_high(rows, config.column, schema)
        self._low_then_high = np.concatenate([np.flatnonzero(~is_high), np.flatnonzero(is_high)])
        self._high_count = int(is_high.sum())
        (
            self._stratum_random,
            self._row_random,
            self._delay_random,
            self._invalid_random,
            self._corruption_random,
            self._label_noise_random,
        ) = np.random.default_rng(config.seed).spawn(6)
        self._next_number = 0

    def draw(self, due: Floats) -> list[SimulatedRecord]:
        """Returns the next records, each drawn with the drift at its due time (seconds)."""
        config, count = self._config, len(due)
        rows = self._draw_rows(config.drift.fraction(due))
        delays = self._delay_random.exponential(config.outcome_delay, count)
        noise_ratio = config.label_noise_ratio * config.label_noise.fraction(due)
        is_wrong = self._label_noise_random.random(count) < noise_ratio
        actual = (self._actual[rows] + is_wrong) % len(self._schema.classes)
        is_invalid = self._invalid_random.random(count) < config.invalid_ratio
        corruption = self._corruption_random.random(count) * len(self._corruptions)
        corruption = np.where(is_invalid, corruption.astype(int), -1)
        first, self._next_number = self._next_number, self._next_number + count
        ids: list[str | None] = [None] * count
        if not config.features_only:
            ids = [f"sim-{config.run}-{number}" for number in range(first, first + count)]
        records = self._schema.encoder.to_records(self._rows.iloc[rows], ids)
        columns = (actual.tolist(), corruption.tolist(), delays.tolist())
        return [
            self._simulated(codec.encode(record), record.id, *rest)
            for record, *rest in zip(records, *columns, strict=True)
        ]

    def _draw_rows(self, drift: Floats) -> NDArray[np.intp]:
        """Row numbers, drawn at each progress of the drift (0 to 1), shape (n,)."""
        low_count, high_count = len(self._low_then_high) - self._high_count, self._high_count
        high_weight = high_count * (1 + drift * (self._config.weight - 1))
        is_high = self._stratum_random.random(len(drift)) * (low_count + high_weight) >= low_count
        position = self._row_random.random(len(drift))
        position = (position * np.where(is_high, high_count, low_count)).astype(np.intp)
        return np.asarray(self._low_then_high[position + np.where(is_high, low_count, 0)])

    def _simulated(
        self, value: bytes, record_id: str | None, actual: int, corruption: int, delay: float
    ) -> SimulatedRecord:
        key = record_id.encode() if record_id else None
        if corruption >= 0:
            return SimulatedRecord(key, self._corruptions[corruption](value), False, None, 0.0)
        if record_id is None:
            return SimulatedRecord(key, value, True, None, delay)
        schema = self._schema
        outcome = schema.events.outcome(id=record_id, actual=schema.classes.values[actual])
        return SimulatedRecord(key, value, True, codec.encode(outcome), delay)


def _is_high(rows: pd.DataFrame, column_name: str, schema: Schema) -> NDArray[np.bool_]:
    column = next(column for column in schema.columns if column.name == column_name)
    values = rows[column_name]
    is_high = values > values.median() if column.numerical else values == column.categories[-1]
    return is_high.to_numpy(np.bool_)


Corruption = Callable[[bytes], bytes | None]


def corruptions(schema: Schema) -> tuple[Corruption, ...]:
    """Ways to make a record of the schema invalid. Each leads to another dead letter reason."""
    return tuple(_corruptions(schema))


def _corruptions(schema: Schema) -> Iterator[Corruption]:
    yield lambda value: value[: len(value) // 2]  # truncated
    yield lambda _: None
    column = schema.columns[0]
    yield lambda value: _replace_value(value, column.name, [])  # wrong type
    out_of_range = "" if column.range is None else 2 * abs(column.range[1]) + 1
    yield lambda value: _replace_value(value, column.name, out_of_range)
    required = next((column.name for column in schema.columns if not column.nullable), None)
    if required:
        yield lambda value: _replace_value(value, required, None)


def _replace_value(value: bytes, name: str, replacement: Any) -> bytes:
    """The record with another value of a field; without the field if that is None."""
    record = {**msgspec.json.decode(value), name: replacement}
    return msgspec.json.encode({key: item for key, item in record.items() if item is not None})
