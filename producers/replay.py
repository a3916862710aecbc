"""A data set -> records in the order of its rows, and its `Purchased` column -> outcomes."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from contract import codec
from contract.events import CustomerRecord, Outcome
from data import dataset
from producers.publisher import Outlet
from producers.schedule import Rate
from producers.simulate import TICK


def events(rows: pd.DataFrame, run: str) -> Iterator[tuple[CustomerRecord, Outcome]]:
    """A record and its outcome for each row of `data.dataset.load`; ids carry the run's name."""
    for row in rows.to_dict("records"):
        name = f"replay-{run}-{row['User ID']}"
        yield (
            CustomerRecord(row["Gender"], row["Age"], row["AnnualSalary"], id=name),
            Outcome(name, row["Purchased"]),
        )


def replay(path: Path, run: str, rate: Rate, outlet: Outlet, stop: threading.Event) -> int:
    """Publishes the file once; returns the number of records.

    Raises `BadDataset`, or `BrokerUnreachable` when something was not delivered.
    """
    publisher, topics, metrics = outlet.publisher, outlet.topics, outlet.metrics
    began, sent = time.monotonic(), 0
    for record, outcome in events(dataset.load(path), run):
        while rate.usual and sent >= rate.due(time.monotonic() - began):
            if stop.wait(TICK):
                break
        if stop.is_set():
            break
        key = str(record.id).encode()
        publisher.publish(topics.customers.name, [{"key": key, "value": codec.encode(record)}])
        publisher.publish(topics.outcomes.name, [{"key": key, "value": codec.encode(outcome)}])
        metrics.valid.inc()
        metrics.outcomes.inc()
        sent += 1
    publisher.flush()
    return sent
