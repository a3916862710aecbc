"""Windows of each scenario -> how far the expected accuracy is from the measured one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.drift.streams import PREDICTION, PROBABILITY, World
from contract.features import TARGET
from data.population import Population
from monitoring.performance_estimation.calibration import Calibration, calibrate
from monitoring.performance_estimation.estimator import Expected, expected


@dataclass(frozen=True)
class Pairs:
    """What was expected and what was measured, shape (windows,) each."""

    expected: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    measured: NDArray[np.float64]

    @property
    def coverage(self) -> float:
        """Share of windows whose measured accuracy is within the interval."""
        return float(np.mean((self.low <= self.measured) & (self.measured <= self.high)))

    @property
    def bias(self) -> float:
        """Mean of expected less measured."""
        return float(np.mean(self.expected - self.measured))

    @property
    def error(self) -> float:
        """Root mean square of expected less measured."""
        return float(np.sqrt(np.mean((self.expected - self.measured) ** 2)))


def pairs(
    scenarios: Mapping[str, Population], worlds: int, windows: int, seed: int
) -> dict[str, Pairs]:
    """For each scenario, windows of 1,000 rows for each of that many fresh champions."""
    rows: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in scenarios}
    for number in range(worlds):
        random = np.random.default_rng((seed, number))
        world = World.fresh(random)
        calibration = of(world)
        for name, population in scenarios.items():
            stream = world.windows([population] * windows, 1_000, random)
            rows[name] += _pairs(stream, calibration)
    return {name: Pairs(*np.array(found).T) for name, found in rows.items()}


def of(world: World) -> Calibration:
    """The calibration by a world's reference set."""
    return calibrate(world.reference[PROBABILITY], world.reference[TARGET])


def expect(window: pd.DataFrame, calibration: Calibration) -> Expected:
    """What is expected of a window."""
    return expected(window[PROBABILITY], window[PREDICTION], calibration)


def _pairs(
    windows: Iterable[pd.DataFrame], calibration: Calibration
) -> list[tuple[float, float, float, float]]:
    found = []
    for window in windows:
        interval = expect(window, calibration).accuracy
        assert interval is not None  # noqa: S101  the windows have rows
        measured = float((window[PREDICTION] == window[TARGET]).mean())
        found.append((interval.value, interval.low, interval.high, measured))
    return found
