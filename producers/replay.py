"""Replays a data set: its rows become records, and its target column becomes outcomes."""

import threading
import time
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pandas as pd

from contract import codec
from contract.events import CustomerRecord, Outcome
from contract.schema import Schema
from producers.publisher import RecordSink
from producers.schedule import Rate, due_times


def replay_events(
    rows: pd.DataFrame, run: str, schema: Schema
) -> Iterator[tuple[CustomerRecord, Outcome]]:
    """Yields a record and its outcome per row.

    Ids are made of the run and the row's number from 1, since the data set's own ids need not be
    unique.

    Args:
        rows: Rows of `data.dataset.load_dataset`.
        run: Name of the run.
        schema: Schema of the rows.
    """
    ids = [f"replay-{run}-{number}" for number in range(1, len(rows) + 1)]
    for record, record_id, actual in zip(
        schema.encoder.to_records(rows, ids),
        ids,
        rows[schema.target.name].tolist(),
        strict=True,
    ):
        yield record, schema.events.outcome(id=record_id, actual=actual)


def publish_replay(
    events: Iterator[tuple[CustomerRecord, Outcome]],
    count: int,
    rate: Rate,
    sink: RecordSink,
    stop: threading.Event,
) -> int:
    """Publishes `count` records with their outcomes; returns the number of published records.

    Raises:
        BrokerUnreachable: A message was not delivered.
    """
    started = time.time()
    sent = 0
    for due in due_times(rate, count, stop):
        records, outcomes = [], []
        for record, outcome in islice(events, len(due)):
            key = outcome.id.encode()
            records.append((key, codec.encode(record)))
            outcomes.append((key, codec.encode(outcome)))
        times = np.rint((started + due) * 1000).astype(int).tolist() if rate.base_rate else None
        sink.publisher.publish(sink.topics.customers.name, records, times)
        sink.publisher.publish(sink.topics.outcomes.name, outcomes)
        sink.metrics.valid.inc(len(records))
        sink.metrics.outcomes.inc(len(outcomes))
        sent += len(records)
    sink.publisher.flush()
    return sent
