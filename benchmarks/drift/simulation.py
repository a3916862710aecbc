"""Runs detectors on the same streams, and counts false alarms and windows until detection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.drift.detectors import Detector, Factory
from benchmarks.drift.scenarios import SHIFTS, SLOW, clean, slow
from benchmarks.drift.streams import World
from data.population import Population

CLEAN_BEFORE: Final = 5
"""Windows without drift before it begins."""

WITHIN: Final = 3
"""Windows within which a sudden shift must be detected."""


@dataclass(slots=True)
class Counts:
    """Results of one detector on all streams.

    Attributes:
        windows: clean windows; `alarms`: those with a column in alarm; `incidents`: those of them
            whose window before had none; `streams`: streams with an alarm.
        sudden: for each shift, in which window each run detected it, 1 the first; 0 if never.
        slow: the same for a slow drift.
    """

    windows: dict[int, int] = field(default_factory=dict)
    alarms: dict[int, int] = field(default_factory=dict)
    incidents: dict[int, int] = field(default_factory=dict)
    streams: dict[int, int] = field(default_factory=dict)
    sudden: dict[str, list[int]] = field(default_factory=dict)
    slow: dict[str, list[int]] = field(default_factory=dict)


def count_false_alarms(counts: Counts, detector: Detector, windows: Iterable[pd.DataFrame]) -> None:
    """Counts the alarms of a stream of clean windows, all of the same size."""
    before = any_before = False
    for window in windows:
        rows, alarm = len(window), bool(detector.alarms(window))
        for count, more in (
            (counts.windows, True),
            (counts.alarms, alarm),
            (counts.incidents, alarm and not before),
            (counts.streams, alarm and not any_before),
        ):
            count[rows] = count.get(rows, 0) + more
        before, any_before = alarm, any_before or alarm


def first_alarm(detector: Detector, windows: list[pd.DataFrame], column: str) -> int:
    """The first window with the column in alarm after the clean ones, counted from 1; 0 if none."""
    drifting = enumerate(windows, 1 - CLEAN_BEFORE)
    numbers = (number for number, window in drifting if column in detector.alarms(window))
    return next((number for number in numbers if number > 0), 0)


def simulate(
    factories: Mapping[str, Factory], references: int, length: int, seed: int
) -> dict[str, Counts]:
    """Each detector on streams of `length` clean windows for each reference, and on each drift."""
    counts = {name: Counts() for name in factories}
    for stream in range(references):
        random = np.random.default_rng((seed, stream))
        world = World.fresh(random)
        for rows in (1_000, 200):
            windows = world.windows(clean(length), rows, random)
            for name, factory in factories.items():
                count_false_alarms(counts[name], factory(world.reference), windows)
        for column, shifted in SHIFTS.items():
            for kind, populations in (
                ("sudden", [shifted] * WITHIN),
                ("slow", slow(shifted, SLOW)),
            ):
                windows = world.windows(_after_clean(populations), 1_000, random)
                for name, factory in factories.items():
                    runs = getattr(counts[name], kind).setdefault(column, [])
                    runs.append(first_alarm(factory(world.reference), windows, column))
    return counts


def simulate_clean(factory: Factory, references: int, length: int, seed: int) -> Counts:
    """One detector on clean streams alone, a fresh reference each."""
    counts = Counts()
    for stream in range(references):
        random = np.random.default_rng((seed, stream))
        world = World.fresh(random)
        for rows in (1_000, 200):
            windows = world.windows(clean(length), rows, random)
            count_false_alarms(counts, factory(world.reference), windows)
    return counts


def _after_clean(populations: list[Population]) -> list[Population]:
    return [*clean(CLEAN_BEFORE), *populations]
