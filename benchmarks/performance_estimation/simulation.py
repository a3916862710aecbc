"""Windows of each scenario -> estimated and measured accuracy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.drift.streams import PREDICTION, PROBABILITY, World
from contract.schema import CARS
from data.population import Population
from monitoring.performance_estimation.calibration import Calibration, fit_calibration
from monitoring.performance_estimation.estimator import PerformanceEstimate, estimate_performance


@dataclass(frozen=True)
class AccuracyPairs:
    """Estimated and measured accuracy, shape (windows,) each."""

    estimated: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    measured: NDArray[np.float64]

    @property
    def coverage(self) -> float:
        """Share of windows whose measured accuracy is within the interval."""
        return float(np.mean((self.low <= self.measured) & (self.measured <= self.high)))

    @property
    def bias(self) -> float:
        """Mean of estimated minus measured."""
        return float(np.mean(self.estimated - self.measured))

    @property
    def error(self) -> float:
        """Root mean square of estimated minus measured."""
        return float(np.sqrt(np.mean((self.estimated - self.measured) ** 2)))


def simulate(
    scenarios: Mapping[str, Population], worlds: int, windows: int, seed: int
) -> dict[str, AccuracyPairs]:
    """Simulates windows of 1,000 rows in each scenario, for each of `worlds` fresh champions."""
    rows: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in scenarios}
    for number in range(worlds):
        random = np.random.default_rng((seed, number))
        world = World.fresh(random)
        calibration = calibration_of(world)
        populations = [each for each in scenarios.values() for _ in range(windows)]
        pairs = _pairs(world.windows(populations, 1_000, random), calibration)
        for place, name in enumerate(scenarios):
            rows[name] += pairs[place * windows : (place + 1) * windows]
    return {name: AccuracyPairs(*np.array(accuracies).T) for name, accuracies in rows.items()}


def calibration_of(world: World) -> Calibration:
    """Fits the calibration to a world's reference set."""
    return fit_calibration(world.reference[PROBABILITY], world.reference[CARS.target.name])


def estimate(window: pd.DataFrame, calibration: Calibration) -> PerformanceEstimate:
    """Estimates the performance of a window."""
    return estimate_performance(window[PROBABILITY], window[PREDICTION], calibration)


def _pairs(
    windows: Iterable[pd.DataFrame], calibration: Calibration
) -> list[tuple[float, float, float, float]]:
    accuracies = []
    for window in windows:
        interval = estimate(window, calibration).accuracy
        assert interval is not None  # noqa: S101  the windows have rows
        measured = float((window[PREDICTION] == window[CARS.target.name]).mean())
        accuracies.append((interval.value, interval.low, interval.high, measured))
    return accuracies
