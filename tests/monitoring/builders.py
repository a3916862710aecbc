"""Batches and summaries for the tests of the monitoring."""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from contract.events import CustomerRecord
from contract.schema.cars import Prediction
from monitoring.windows.batch import EventBatch, OutcomeBatch
from monitoring.windows.decode import hash_ids
from monitoring.windows.summary import WindowSummary
from tests.support.builders import a_customer

CUSTOMERS = ("customers", 0)
PREDICTIONS = ("predictions", 0)
OUTCOMES = ("outcomes", 0)


def a_prediction(name: str, **changes: object) -> Prediction:
    """A prediction of 1 by version 1."""
    values = {
        "prediction": 1,
        "probability": 0.9,
        "model": "car-purchase",
        "model_version": "1",
        "event_time": 0,
        "scored_at": 0,
        "partition": 0,
        "offset": 0,
    }
    return Prediction(name, **{**values, **changes})  # type: ignore[arg-type]


def customers(
    names: Sequence[str], times: Sequence[int], first: int = 0, partition: int = 0
) -> EventBatch[CustomerRecord]:
    """Customers of these ids and event times (ms), at offsets from `first` on."""
    return EventBatch(
        ("customers", partition),
        np.arange(first, first + len(names)),
        hash_ids(names),
        np.array(times, np.int64),
        [a_customer(id=name) for name in names],
    )


def predictions(
    names: Sequence[str], times: Sequence[int], first: int = 0, **changes: object
) -> EventBatch[Prediction]:
    """Predictions of these ids and event times (ms), at offsets from `first` on."""
    return EventBatch(
        PREDICTIONS,
        np.arange(first, first + len(names)),
        hash_ids(names),
        np.array(times, np.int64),
        [a_prediction(name, **changes) for name in names],
    )


def outcomes(names: Sequence[str], purchased: Sequence[int], first: int = 0) -> OutcomeBatch:
    """What the customers of these ids did, at offsets from `first` on."""
    return OutcomeBatch(
        OUTCOMES,
        np.arange(first, first + len(names)),
        hash_ids(names),
        np.array(purchased, np.uint8),
    )


def a_summary(start: int, **changes: object) -> WindowSummary:
    """A window of 10 ms from `start` on, five customers, with a report."""
    summary = WindowSummary(start, start + 10, 5, 5, 5, 0, 1.0, 5, "reported", "1")
    return replace(summary, **changes)
