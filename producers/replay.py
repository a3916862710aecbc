"""A data set -> records in the order of its rows, and its target column -> outcomes."""

import threading
import time
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pandas as pd

from contract import codec
from contract.events import CustomerRecord, Outcome
from contract.schema import Schema
from producers.pace import due_times
from producers.publisher import Outlet
from producers.schedule import Rate


def events(
    rows: pd.DataFrame, run: str, schema: Schema
) -> Iterator[tuple[CustomerRecord, Outcome]]:
    """A record and its outcome for each row of `data.dataset.load`.

    An id carries the run's name and the row's number from 1: nothing says that a row's name is in
    the file once.
    """
    names = [f"replay-{run}-{number}" for number in range(1, len(rows) + 1)]
    for record, name, actual in zip(
        schema.encoder.to_records(rows, names),
        names,
        rows[schema.target.name].tolist(),
        strict=True,
    ):
        yield record, schema.events.outcome(id=name, actual=actual)


def replay(
    coming: Iterator[tuple[CustomerRecord, Outcome]],
    count: int,
    rate: Rate,
    outlet: Outlet,
    stop: threading.Event,
) -> int:
    """Publishes `count` events once, each with its outcome; returns the number of records.

    Raises `BrokerUnreachable` when something was not delivered.
    """
    started = time.time()
    sent = 0
    for due in due_times(rate, count, stop):
        records, outcomes = [], []
        for record, outcome in islice(coming, len(due)):
            key = outcome.id.encode()
            records.append((key, codec.encode(record)))
            outcomes.append((key, codec.encode(outcome)))
        times = np.rint((started + due) * 1000).astype(int).tolist() if rate.usual else None
        outlet.publisher.publish(outlet.topics.customers.name, records, times)
        outlet.publisher.publish(outlet.topics.outcomes.name, outcomes)
        outlet.metrics.valid.inc(len(records))
        outlet.metrics.outcomes.inc(len(outcomes))
        sent += len(records)
    outlet.publisher.flush()
    return sent
