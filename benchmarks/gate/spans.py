"""`python -m benchmarks.gate.spans`: how far back to learn from, the rule beside fixed answers."""

import argparse

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from benchmarks.drift.table import table
from benchmarks.gate.scenarios import SCENARIOS, Scenario
from benchmarks.gate.trial import DATA_SET_ROWS, TOLD, TRUE_ROWS, drawn, stream
from benchmarks.page import put
from contract.schema import CARS
from data.population import DATA_SET
from training import train
from training.losses import log_losses
from training.recent import rows as row_file
from training.recent.held_out import held_out

NAMES = (
    "nothing",
    "other customers: age +8, salary +20 %",
    "target: reluctance 0.5",
    "target: reluctance 2",
    "target: reluctance 2, 1,000 rows",
    "target: reluctance 2, the last fifth of the rows",
    "target: reluctance 4",
)
HEAD = (
    "before the training", "data set alone", "newest window alone", "stream alone", "everything",
    "by the rule",
)  # fmt: skip


def main() -> None:
    """Takes some minutes with 20 trials."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate.spans", description=__doc__)
    parser.add_argument("--trials", type=int, default=20, help="of each scenario")
    parser.add_argument("--seed", type=int, default=6)
    given = parser.parse_args()
    lines = []
    for name in NAMES:
        losses = [_trial(SCENARIOS[name], (given.seed, each)) for each in range(given.trials)]
        lines.append([name, *(f"{loss:.4f}" for loss in np.mean(losses, axis=0))])
    runs = f"{given.trials} streams each; seed {given.seed}."
    put("retraining.md", "spans", f"{runs}\n\n{table(HEAD, lines)}")


def _trial(scenario: Scenario, seed: tuple[int, int]) -> list[float]:
    """The true log loss of a model of each span."""
    random = np.random.default_rng(seed)
    data_set = drawn(DATA_SET, DATA_SET_ROWS, random, row_file.DATA_SET)
    recent = stream(scenario, random, "now")
    rows = row_file.together(data_set, recent)
    truth = drawn(scenario.population, TRUE_ROWS, random, row_file.STREAM)
    fixed = (data_set, recent.tail(TOLD.evaluation_rows), recent, rows)
    models = [_fitted(each) for each in fixed] + [train.learn(rows, TOLD).model]
    actual = truth[CARS.target.name].to_numpy()
    return [float(log_losses(actual, train.probabilities(each, truth)).mean()) for each in models]


def _fitted(rows: pd.DataFrame) -> Pipeline:
    kept = rows[~held_out(rows, TOLD.held_out_ratio, TOLD.random_state)]
    return train.pipeline(TOLD.estimator, TOLD.random_state).fit(
        kept[list(CARS.features)], kept[CARS.target.name]
    )


if __name__ == "__main__":
    main()
