"""A table with five numbers and a column of 10,000 values, always the same."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

NUMBERS: Final = 5
VALUES: Final = 10_000
LISTED: Final = 1_000
"""The most frequent values: the categories. All others are `other`."""

SCHEMA_FILE: Final = f"""\
name = "shops"
dataset = "shops.csv"

{
    "".join(
        f'''[[columns]]
name = "x{number}"
range = [-10, 10]

'''
        for number in range(NUMBERS)
    )
}[[columns]]
name = "shop"
categories = [{", ".join(f'"shop {shop}"' for shop in range(LISTED))}]
other = "other"

[target]
name = "bought"
classes = [0, 1]
"""


def write_table(folder: Path, rows: int) -> Path:
    """Writes a schema file and its data set into the folder; returns the schema file."""
    random = np.random.default_rng(0)
    numbers = random.normal(size=(rows, NUMBERS)).clip(-10, 10)
    shops = np.floor(VALUES * random.random(rows) ** 4).astype(int)  # few are frequent
    effect = np.random.default_rng(1).normal(size=VALUES)
    log_odds = numbers[:, 0] * numbers[:, 1] + numbers[:, 2] + effect[shops]
    frame = pd.DataFrame(numbers.round(4), columns=[f"x{number}" for number in range(NUMBERS)])
    frame["shop"] = [f"shop {shop}" for shop in shops]
    frame["bought"] = (log_odds + random.logistic(size=rows) > 0).astype(int)
    frame.to_csv(folder / "shops.csv", index=False)
    file = folder / "shops.toml"
    file.write_text(SCHEMA_FILE, encoding="utf-8")
    return file
