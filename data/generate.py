"""`python -m data.generate`: writes the shipped data set, the same bytes every time."""

import sys
from pathlib import Path
from typing import Final

import numpy as np

from contract.process import run_main
from contract.schema import CARS
from data.dataset import required_columns
from data.population import DATA_SET, RandomStreams

SEED: Final = 20_231_123
ROWS: Final = 1_000


def dataset_csv(rows: int = ROWS, seed: int = SEED) -> str:
    """The data set as CSV with LF line ends."""
    random = np.random.default_rng(seed)  # one generator: the shipped bytes were made this way
    sample = DATA_SET.sample(rows, RandomStreams(random, random, random, random))
    ids = 1 + random.permutation(rows)
    lines = [
        f"{user},{'Male' if male else 'Female'},{age},{salary},{bought}"
        for user, male, age, salary, bought in zip(
            ids, sample.male, sample.age, sample.annual_salary, sample.purchased, strict=True
        )
    ]
    return "\n".join([",".join(required_columns(CARS)), *lines, ""])


def main() -> None:
    """Writes to the path in the first argument, by default to the shipped file."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(CARS.dataset)
    path.write_text(dataset_csv(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    run_main(main)
