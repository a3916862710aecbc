"""Rows of the data set as records, drawn again and again: the simulator of a table of your own.

It drifts by drawing some rows more often than others: those that lie high in one column. Each row
stays as it is, so what comes of it does too. Pure and seeded.
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
from producers.schedule import Drift
from producers.simulator import Simulated


@dataclass(frozen=True, slots=True)
class Resampling:
    """What is drawn.

    Attributes:
        run: part of every id, so that two runs share none.
        seed: the same seed, run, rows and due times give the same bytes.
        column: rows whose value there is above its median, or is the last one of a category's
            values, lie high.
        weight: how many times as often those are drawn once the drift is complete.
        drift: when it comes.
        lies: when outcomes begin to tell the class that is listed after the true one.
        lying: share of them that do, once that is complete.
        invalid_ratio: share of records that do not fit the contract.
        features_only: no id, no key, and so no outcomes.
        outcome_delay: mean seconds from a record to its outcome.
    """

    run: str
    seed: int
    column: str
    weight: float
    drift: Drift
    lies: Drift
    lying: float
    invalid_ratio: float
    features_only: bool
    outcome_delay: float


class Resampler:
    """Draws one row after the other; the n-th is the same however many are drawn at once."""

    def __init__(self, rows: pd.DataFrame, told: Resampling, schema: Schema) -> None:
        """`rows` as `data.dataset.load` has them."""
        self._told = told
        self._schema = schema
        self._make_bad = faults(schema)
        self._rows = rows
        self._actual = schema.classes.encode(rows[schema.target.name])
        high = _high(rows, told.column, schema)
        self._ordered = np.concatenate([np.flatnonzero(~high), np.flatnonzero(high)])
        self._high = int(high.sum())
        chances = np.random.default_rng(told.seed).spawn(6)
        self._side, self._place, self._delays, self._bad, self._faults, self._lies = chances
        self._drawn = 0

    def draw(self, due: Floats) -> list[Simulated]:
        """The next records, each drawn as it is when the record is due (seconds)."""
        told, count = self._told, len(due)
        places = self._places(told.drift.share(due))
        delays = self._delays.exponential(told.outcome_delay, count)
        lies = self._lies.random(count) < told.lying * told.lies.share(due)
        actual = (self._actual[places] + lies) % len(self._schema.classes)
        bad = self._bad.random(count) < told.invalid_ratio
        faults = np.where(bad, (self._faults.random(count) * len(self._make_bad)).astype(int), -1)
        first, self._drawn = self._drawn, self._drawn + count
        names: list[str | None] = [None] * count
        if not told.features_only:
            names = [f"sim-{told.run}-{number}" for number in range(first, first + count)]
        drawn = self._schema.encoder.to_records(self._rows.iloc[places], names)
        columns = (actual.tolist(), faults.tolist(), delays.tolist())
        return [
            self._simulated(codec.encode(record), record.id, *rest)
            for record, *rest in zip(drawn, *columns, strict=True)
        ]

    def _places(self, drifted: Floats) -> NDArray[np.intp]:
        """Rows to draw, where so much of the drift is there, shape (n,)."""
        low, high = len(self._ordered) - self._high, self._high
        heavy = high * (1 + drifted * (self._told.weight - 1))
        is_high = self._side.random(len(drifted)) * (low + heavy) >= low
        chance = self._place.random(len(drifted))
        places = (chance * np.where(is_high, high, low)).astype(np.intp)
        return np.asarray(self._ordered[places + np.where(is_high, low, 0)])

    def _simulated(
        self, value: bytes, name: str | None, actual: int, fault: int, delay: float
    ) -> Simulated:
        key = name.encode() if name else None
        if fault >= 0:
            return Simulated(key, self._make_bad[fault](value), False, None, 0.0)
        if name is None:
            return Simulated(key, value, True, None, delay)
        schema = self._schema
        outcome = schema.events.outcome(id=name, actual=schema.classes.values[actual])
        return Simulated(key, value, True, codec.encode(outcome), delay)


def _high(rows: pd.DataFrame, column: str, schema: Schema) -> NDArray[np.bool_]:
    described = next(each for each in schema.columns if each.name == column)
    values = rows[column]
    found = values > values.median() if described.numerical else values == described.categories[-1]
    return found.to_numpy(np.bool_)


Fault = Callable[[bytes], bytes | None]


def faults(schema: Schema) -> tuple[Fault, ...]:
    """The ways in which a record of the schema can be bad, each with its own reason."""
    return tuple(_faults(schema))


def _faults(schema: Schema) -> Iterator[Fault]:
    yield lambda value: value[: len(value) // 2]  # a record cut short
    yield lambda _: None
    column = schema.columns[0]
    yield lambda value: _with(value, column.name, [])  # a wrong type
    beyond = "" if column.range is None else 2 * abs(column.range[1]) + 1
    yield lambda value: _with(value, column.name, beyond)
    needed = next((each.name for each in schema.columns if not each.nullable), None)
    if needed:
        yield lambda value: _with(value, needed, None)


def _with(value: bytes, name: str, other: Any) -> bytes:
    """The record with another value there; without it, if that is None."""
    told = {**msgspec.json.decode(value), name: other}
    return msgspec.json.encode({key: each for key, each in told.items() if each is not None})
