"""Duration of comparing and reporting one window, by its size."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import pandas as pd

from contract.schema import CARS
from monitoring.drift.columns import PREDICTION
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.reporting.baseline import Baseline
from monitoring.reporting.evidently_report import EvidentlyReporter
from monitoring.reporting.reference import ReferenceSet
from monitoring.reporting.report_store import ReportId, ReportStore

SIZES: Final = (200, 1_000, 5_000, 20_000)
RUNS: Final = 5


@dataclass(frozen=True)
class ReportCost:
    """Seconds for a window of `rows` rows: Evidently's report; drift rule and estimate."""

    rows: int
    report: float
    evaluation: float


def measure_costs(reference: pd.DataFrame, folder: Path) -> list[ReportCost]:
    """Medians, for windows drawn from the reference with replacement."""
    store = ReportStore(folder, "benchmark", max_windows=1, schema=CARS)
    reporter = EvidentlyReporter(reference, store, CARS)
    baseline = Baseline(ReferenceSet("1", reference, CARS), DriftConfig())
    columns = [*CARS.features, PREDICTION]
    costs_by_size = []
    for rows in SIZES:
        window = reference.sample(rows, replace=True, random_state=rows, ignore_index=True)
        window = window.drop(columns="Purchased")

        def report(window: pd.DataFrame = window) -> None:
            reporter.report_features(window, ReportId(0, "features"))

        def evaluate(window: pd.DataFrame = window, rows: int = rows) -> None:
            baseline.check_drift(DriftState(), 0, window[columns])
            baseline.estimate_accuracy(window, rows)

        costs_by_size.append(ReportCost(rows, _seconds(report), _seconds(evaluate)))
    return costs_by_size


def _seconds(work: Callable[[], None]) -> float:
    work()
    spent = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent)
