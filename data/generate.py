"""`python -m data.generate`: writes the data set that we ship, the same bytes every time."""

import sys
from pathlib import Path
from typing import Final

import numpy as np

from contract.process import run_main
from contract.schema import CARS
from data.dataset import headers
from data.population import DATA_SET, Chance

SEED: Final = 20_231_123
ROWS: Final = 1_000


def text(rows: int = ROWS, seed: int = SEED) -> str:
    """The data set as CSV, its lines ended by a line feed alone."""
    random = np.random.default_rng(seed)  # one for all: the bytes that we ship came about so
    sample = DATA_SET.sample(rows, Chance(random, random, random, random))
    ids = 1 + random.permutation(rows)
    lines = [
        f"{user},{'Male' if male else 'Female'},{age},{salary},{bought}"
        for user, male, age, salary, bought in zip(
            ids, sample.male, sample.age, sample.annual_salary, sample.purchased, strict=True
        )
    ]
    return "\n".join([",".join(headers(CARS)), *lines, ""])


def main() -> None:
    """Writes to the path given, or in place of the file that we ship."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(CARS.dataset)
    path.write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    run_main(main)
