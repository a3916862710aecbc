"""`python -m benchmarks.gate.intervals`: how many outcomes prediction intervals cover.

It writes the table of decision 29, on deliveries as those of `examples/deliveries`.
"""

import argparse
import io
import runpy
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.drift.table import table
from benchmarks.page import put
from contract.schema import Schema
from contract.schema.task import Floats
from training import train
from training.regression import conformal_interval
from training.threads import limit_threads
from training.train import TrainingParams

PAGE: Final = "decisions/0029-numeric-targets.md"
EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "deliveries"
SCHEMA: Final = Schema.load(EXAMPLE / "schema.toml")
TRUE_ROWS: Final = 20_000
CASES: Final = (("linear", 400), ("linear", 2_000), ("random_forest", 400))
LEVELS: Final = (0.8, 0.9, 0.95)
HEAD: Final = (
    "estimator, rows",
    "level",
    "covered",
    "of the trainings",
    "with the margin of fitted rows",
    "vehicle with the least",
)


def main() -> None:
    """Takes two minutes on a core with 20 trials."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate.intervals")
    parser.add_argument("--trials", type=int, default=20, help="trainings of each case")
    trials = parser.parse_args().trials
    truth = draw(TRUE_ROWS, 1_000_003)
    lines: list[list[str]] = []
    with limit_threads():
        for estimator, rows in CASES:
            runs = np.array([_run(estimator, rows, seed, truth) for seed in range(trials)])
            for place, level in enumerate(LEVELS):
                covered, fitted, least = runs[:, place].T
                lines.append(
                    [
                        f"{estimator}, {rows:,}",
                        f"{level:.0%}",
                        f"{covered.mean():.1%}",
                        f"{covered.min():.1%} to {covered.max():.1%}",
                        f"{fitted.mean():.1%}",
                        f"{least.mean():.1%}",
                    ]
                )
    put(PAGE, "intervals", f"{trials} trainings each.\n\n{table(HEAD, lines)}")


def draw(rows: int, seed: int) -> pd.DataFrame:
    """Deliveries of the example's population, all of their weather noted."""
    text = runpy.run_path(str(EXAMPLE / "generate.py"))["text"](rows, seed)
    return pd.read_csv(io.StringIO(text)).fillna({"weather": "dry"})


def _run(estimator: str, count: int, seed: int, truth: pd.DataFrame) -> list[list[float]]:
    """For each level: coverage, that with the margin of fitted rows, and the least of a vehicle."""
    rows = draw(count, seed)
    kept, held_out = rows[: count * 3 // 4], rows[count * 3 // 4 :]
    model = train.build_model(TrainingParams(SCHEMA, estimator, seed, 0.25, 0))
    model.fit(kept[list(SCHEMA.features)], kept["minutes"])
    on_truth, on_kept, on_held_out = (_errors(model, each) for each in (truth, kept, held_out))
    found = []
    for level in LEVELS:
        margin, of_fitted = (
            conformal_interval(errors, np.zeros(len(errors)), level).margin
            for errors in (on_held_out, on_kept)
        )
        inside = pd.Series(on_truth <= margin)
        least = inside.groupby(truth["vehicle"]).mean().min()
        found.append([float(inside.mean()), float((on_truth <= of_fitted).mean()), float(least)])
    return found


def _errors(model: object, rows: pd.DataFrame) -> Floats:
    errors: Floats = np.abs(train.outputs(model, rows, SCHEMA) - rows["minutes"].to_numpy())
    return errors


if __name__ == "__main__":
    main()
