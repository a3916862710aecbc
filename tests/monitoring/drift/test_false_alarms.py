"""At most one false alarm in 1,000 clean windows, over references, windows and columns."""

import numpy as np
import pytest

from benchmarks.drift.rates import upper
from benchmarks.drift.scenarios import clean
from benchmarks.drift.streams import World, columns
from contract.schema import CARS
from data import dataset
from data.population import DATA_SET
from monitoring.drift.columns import watched_columns
from monitoring.drift.rule import DriftRule
from tests.monitoring.drift.streams import check_all, window, windows

ALLOWED = 1e-3


@pytest.mark.parametrize("rows", [1_000, 200])
def test_clean_windows_against_fresh_references_are_not_in_alarm(rows: int) -> None:
    # A reference that misleads does so in all of its windows, so what is counted is references:
    # the bound holds however the windows of one reference hang together.
    random, references, alarmed = np.random.default_rng(rows), 3_000, 0
    for _ in range(references):
        rule = DriftRule(window(random, 1_000), watched_columns(CARS))
        results = check_all(rule, windows(random, [DATA_SET] * 4, rows))
        alarmed += any(result.alarm for result in results)
    assert upper(alarmed, references) <= ALLOWED


@pytest.mark.parametrize("rows", [1_000, 200])
def test_the_data_set_as_reference_does_not_alarm_on_its_own_population(rows: int) -> None:
    world, random = World.of(dataset.load_dataset(CARS.dataset, CARS)), np.random.default_rng(rows)
    assert alarms(world, 1_000, rows, random) == 0


def test_champions_of_other_samples_do_not_alarm_in_the_long_run() -> None:
    random, references, length = np.random.default_rng(3), 10, 50
    seen = [
        alarms(World.fresh(random), length, rows, random)
        for _ in range(references)
        for rows in (1_000, 200)
    ]
    assert sum(seen) == 0


def alarms(world: World, length: int, rows: int, random: np.random.Generator) -> int:
    rule = DriftRule(columns(world.reference), watched_columns(CARS))
    stream = world.windows(clean(length), rows, random)
    return sum(result.alarm for result in check_all(rule, map(columns, stream)))
