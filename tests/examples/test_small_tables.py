"""Tables of other kinds than the examples', each in a process of its own: what holds of all."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.random import Generator
from scipy.special import expit

from tests.examples.pumps import run

ROWS = {"rows.csv": 1_200, "stream.csv": 10_000}

DOORS = """
name = "doors"
dataset = "rows.csv"

[[columns]]
name = "weather"
categories = ["dry", "NA", "None"]
nullable = true

[[columns]]
name = "warmth"
range = [-40, 60]
nullable = true

[target]
name = "does"
classes = ["stays", "opens"]
"""

PARCELS = """
name = "parcels"
dataset = "rows.csv"

[[columns]]
name = "size"
categories = ["1", "2", "10"]

[[columns]]
name = "paid"
categories = ["yes", "no"]

[[columns]]
name = "way"
categories = ["null", "nan", "by sea"]
nullable = true

[target]
name = "days"
classes = [3, 7]
"""

TANKS = """
name = "tanks"
dataset = "rows.csv"

[[columns]]
name = "level"
range = [-5.5, 5.5]

[[columns]]
name = "fillings"
range = [-10, 10000]
integer = true

[[columns]]
name = "slope"
range = [0, 1]
nullable = true

[target]
name = "state"
classes = ["None", "low", "high"]
"""


def doors(random: Generator, count: int) -> pd.DataFrame:
    """Two classes that are texts, and nothing that a record must have."""
    weather = random.choice(["dry", "NA", "None", ""], count)
    warmth = random.normal(15, 10, count).round(1)
    opens = random.random(count) < expit((warmth - 15) / 4 + 2 * (weather == "dry") - 0.5)
    told = np.where(random.random(count) < 0.1, "", warmth.astype(str))
    does = np.where(opens, "opens", "stays")
    return pd.DataFrame({"weather": weather, "warmth": told, "does": does})


def parcels(random: Generator, count: int) -> pd.DataFrame:
    """Nothing but categories, some of which look like numbers or like nothing."""
    size, paid = random.choice(["1", "2", "10"], count), random.choice(["yes", "no"], count)
    way = random.choice(["null", "nan", "by sea", ""], count)
    slow = 3.0 * (size == "10") + 2 * (way == "by sea") - 1.5 * (paid == "yes") - 1
    days = np.where(random.random(count) < expit(slow), 7, 3)
    return pd.DataFrame({"size": size, "paid": paid, "way": way, "days": days})


def tanks(random: Generator, count: int) -> pd.DataFrame:
    """Nothing but numbers."""
    level = random.uniform(-5.5, 5.5, count).round(2)
    fillings = random.integers(-10, 10_000, count)
    slope = np.where(random.random(count) < 0.1, "", random.random(count).round(3).astype(str))
    high = level + fillings / 5_000 - 1 + random.normal(0, 0.7, count)
    state = np.select([high < -2, high > 2], ["low", "high"], "None")
    return pd.DataFrame({"level": level, "fillings": fillings, "slope": slope, "state": state})


@pytest.mark.parametrize(
    ("description", "rows"),
    [(DOORS, doors), (PARCELS, parcels), (TANKS, tanks)],
    ids=["two texts", "categories alone", "numbers alone"],
)
def test_table_of_another_kind_runs_from_its_description_to_a_judged_window(
    tmp_path: Path, description: str, rows: Callable[[Generator, int], pd.DataFrame]
) -> None:
    table = tmp_path / "schema.toml"
    table.write_text(description)
    for seed, (name, count) in enumerate(ROWS.items()):
        rows(np.random.default_rng(seed), count).to_csv(tmp_path / name, index=False)
    cases = str(Path(__file__).with_name("cases_of_any_table.py"))
    ended = run({**os.environ, "INTENT_SCHEMA_FILE": str(table)}, "pytest", "-q", cases)
    assert ended.returncode == 0, ended.stdout
