"""What judging and reporting one window costs, by its size."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import pandas as pd

from contract.features import FEATURES
from monitoring.drift.columns import PREDICTION
from monitoring.drift.config import Tuning
from monitoring.drift.state import State
from monitoring.reporting.baseline import Standard
from monitoring.reporting.evidently_report import Reporter
from monitoring.reporting.reference import Reference
from monitoring.reporting.report_store import Shelf, Title

SIZES: Final = (200, 1_000, 5_000, 20_000)
RUNS: Final = 5


@dataclass(frozen=True)
class Cost:
    """Seconds for a window of so many rows: Evidently's report, and our rule and expectation."""

    rows: int
    report: float
    rule: float


def costs(reference: pd.DataFrame, folder: Path) -> list[Cost]:
    """Medians, for windows drawn from the reference with replacement."""
    reporter = Reporter(reference, Shelf(folder, "benchmark", kept=1))
    standard = Standard(Reference("1", reference), Tuning())
    columns = [*FEATURES, PREDICTION]
    found = []
    for rows in SIZES:
        window = reference.sample(rows, replace=True, random_state=rows, ignore_index=True)
        window = window.drop(columns="Purchased")

        def report(window: pd.DataFrame = window) -> None:
            reporter.features(window, Title(0, "features"))

        def rule(window: pd.DataFrame = window, rows: int = rows) -> None:
            standard.judge(State(), 0, window[columns])
            standard.expected(window, rows)

        found.append(Cost(rows, _seconds(report), _seconds(rule)))
    return found


def _seconds(work: Callable[[], None]) -> float:
    work()
    spent = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent)
