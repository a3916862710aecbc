"""Joins the stream's outcomes and customers, in any order, to labelled rows. Pure."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from contract.events import CustomerRecord, Outcome
from contract.schema import Schema
from training.lookback.rows import EVENT_TIME, ID, SOURCE, STREAM, columns

COMPLETE_RATIO: Final = 0.99
"""Share of outcomes. Some have no customer; a search for these would read the whole topic."""

TRIM_FACTOR: Final = 2
"""Outcomes are trimmed when there are this many times more than wanted."""


class RecordPosition(NamedTuple):
    """A message's timestamp (ms), partition and offset; a newer message compares greater."""

    timestamp: int
    partition: int
    offset: int


class OutcomeJoin:
    """Takes all outcomes first, then customers; the newest of each counts for an id.

    Keeps the `max_rows` outcomes that were published last and their customers, so it needs memory
    for twice as many at most.
    """

    def __init__(self, max_rows: int, schema: Schema) -> None:
        self._schema = schema
        self._max_rows = max_rows
        self._outcomes: dict[str, tuple[RecordPosition, Any]] = {}
        self._customers: dict[str, tuple[RecordPosition, int, CustomerRecord]] = {}

    def add_outcome(self, outcome: Outcome, position: RecordPosition) -> None:
        """Adds an outcome, unless there is a newer one of its id."""
        existing = self._outcomes.get(outcome.id)
        if existing is None or existing[0] < position:
            self._outcomes[outcome.id] = (position, outcome.actual)
            if len(self._outcomes) >= TRIM_FACTOR * self._max_rows:
                self.trim_outcomes()

    def trim_outcomes(self) -> None:
        """Keeps the newest `max_rows` outcomes; call it before the first customer is added."""
        newest = sorted(self._outcomes.items(), key=lambda item: item[1][0])
        self._outcomes = dict(newest[-self._max_rows :])

    def add_customer(self, event_id: str, record: CustomerRecord, position: RecordPosition) -> None:
        """Adds a customer if its outcome is there, unless there is a newer one of its id."""
        if event_id in self._outcomes:
            existing = self._customers.get(event_id)
            if existing is None or existing[0] < position:
                time = position.timestamp if record.event_time is None else record.event_time
                self._customers[event_id] = (position, time, record)

    @property
    def is_complete(self) -> bool:
        """Whether 99 % of the outcomes have their customer."""
        return len(self._customers) >= COMPLETE_RATIO * len(self._outcomes)

    def rows(self) -> pd.DataFrame:
        """The labelled customers as in `training.lookback.rows`, by event time and id."""
        ordered = sorted((time, name) for name, (_, time, _) in self._customers.items())
        ids = [name for _, name in ordered]
        records: Sequence[CustomerRecord] = [self._customers[name][2] for name in ids]
        rows = self._schema.encoder.to_rows(records)
        rows[SOURCE] = STREAM
        rows[ID] = ids
        rows[EVENT_TIME] = [time for time, _ in ordered]
        rows[self._schema.target.name] = [self._outcomes[name][1] for name in ids]
        return rows[list(columns(self._schema))]
