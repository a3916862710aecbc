"""Customers and outcomes of the stream, in any order within each topic -> labelled rows. Pure."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from contract.events import CustomerRecord, Outcome
from contract.features import TARGET, frame
from training.recent.rows import COLUMNS, EVENT_TIME, ID, SOURCE, STREAM

ENOUGH: Final = 0.99
"""Share of outcomes. Some never find their customer: they would be looked for in all there is."""

TRIMMED_AT: Final = 2
"""How many times as many outcomes as are wanted are kept before the oldest go."""


class At(NamedTuple):
    """A message's timestamp (ms) and place: what is newer is greater."""

    timestamp: int
    partition: int
    offset: int


class Join:
    """First takes outcomes, all of them, then customers. Of an id the newest of either counts.

    Keeps the `most` outcomes that became known last, and their customers: never more memory than
    for twice as many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._outcomes: dict[str, tuple[At, Any]] = {}
        self._customers: dict[str, tuple[At, int, CustomerRecord]] = {}

    def outcome(self, outcome: Outcome, at: At) -> None:
        """Takes what a customer did."""
        known = self._outcomes.get(outcome.id)
        if known is None or known[0] < at:
            self._outcomes[outcome.id] = (at, outcome.actual)
            if len(self._outcomes) >= TRIMMED_AT * self._most:
                self.trim()

    def trim(self) -> None:
        """Forgets all outcomes but the newest. To be called before the customers come."""
        newest = sorted(self._outcomes.items(), key=lambda item: item[1][0])
        self._outcomes = dict(newest[-self._most :])

    def customer(self, identity: str, record: CustomerRecord, at: At) -> None:
        """Takes a customer, if what it did is known."""
        if identity in self._outcomes:
            known = self._customers.get(identity)
            if known is None or known[0] < at:
                time = at.timestamp if record.event_time is None else record.event_time
                self._customers[identity] = (at, time, record)

    @property
    def complete(self) -> bool:
        """Whether so many of the outcomes have their customer that one may stop looking."""
        return len(self._customers) >= ENOUGH * len(self._outcomes)

    def rows(self) -> pd.DataFrame:
        """The labelled customers, ordered by event time and id, as `training.recent.rows`."""
        found = sorted((time, name) for name, (_, time, _) in self._customers.items())
        names = [name for _, name in found]
        records: Sequence[CustomerRecord] = [self._customers[name][2] for name in names]
        rows = frame(records)
        rows[SOURCE] = STREAM
        rows[ID] = names
        rows[EVENT_TIME] = [time for time, _ in found]
        rows[TARGET] = [self._outcomes[name][1] for name in names]
        return rows[list(COLUMNS)]
