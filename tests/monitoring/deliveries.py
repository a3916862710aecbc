"""Deliveries in windows, for the tests of a numeric target in the monitoring."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from contract.schema.task import DecisionRule, Interval
from data import dataset
from monitoring.drift.columns import PREDICTION
from monitoring.windows.batch import EventBatch, OutcomeBatch
from monitoring.windows.decode import hash_ids
from monitoring.windows.tumbling import TumblingWindows
from monitoring.windows.window import ClosedWindow, WindowLimits
from tests.examples.deliveries import SCHEMA
from tests.monitoring.builders import CUSTOMERS, OUTCOMES, PREDICTIONS

LENGTH = 10
LIMITS = WindowLimits(sample_rows=1_000, open_ids=10_000, closed_ids=10_000)
INTERVAL = Interval(0.9, 10.0)
SPREAD = INTERVAL.margin / 1.645
"""Standard deviation of errors that are inside of the interval at its level."""


@cache
def data_set() -> pd.DataFrame:
    return dataset.load_dataset(SCHEMA.dataset, SCHEMA)


def deliveries(count: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Rows of the data set, and predictions that are `shift` minutes too low on average."""
    rows = data_set().sample(count, replace=True, random_state=seed, ignore_index=True)
    errors = np.random.default_rng(seed).normal(-shift, SPREAD, count)
    return rows.assign(**{PREDICTION: rows["minutes"] + errors})


def a_prediction(name: str, number: float, interval: tuple[float, float] | None) -> Any:
    return SCHEMA.events.prediction(name, number, interval, "delivery-minutes", "1", 0, 0, 0, 0)


def predicted(rows: pd.DataFrame, names: Sequence[str]) -> list[Any]:
    """Predictions as a worker makes them."""
    reported = SCHEMA.task.report(rows[PREDICTION].to_numpy(), DecisionRule(interval=INTERVAL))
    return [a_prediction(*each) for each in zip(names, *reported, strict=True)]


def batches(
    rows: pd.DataFrame, prefix: str, start: int = 0, first: int = 0
) -> tuple[EventBatch[Any], EventBatch[Any], OutcomeBatch]:
    """Customers, predictions and outcomes of these rows, at offsets from `first` on."""
    names = [f"{prefix}-{number}" for number in range(len(rows))]
    ids, times = hash_ids(names), np.full(len(rows), start)
    offsets = np.arange(first, first + len(rows))
    customers = SCHEMA.encoder.to_records(rows, names)
    return (
        EventBatch(CUSTOMERS, offsets, ids, times, customers),
        EventBatch(PREDICTIONS, offsets, ids, times, predicted(rows, names)),
        OutcomeBatch(OUTCOMES, offsets, ids, rows["minutes"].to_numpy(np.float64)),
    )


def windows(limits: WindowLimits = LIMITS) -> TumblingWindows:
    return TumblingWindows(LENGTH, limits, SCHEMA.task, max_late_windows=20)


def closed_window(rows: pd.DataFrame, start: int, limits: WindowLimits = LIMITS) -> ClosedWindow:
    """A window of these rows, with the outcomes of all."""
    opened = windows(limits)
    customers, predictions, outcomes = batches(rows, str(start), start)
    opened.add_customers(customers)
    opened.add_predictions(predictions)
    (closed,) = opened.close_until(start + LENGTH)
    closed.labels.add_outcomes(outcomes)
    return closed
