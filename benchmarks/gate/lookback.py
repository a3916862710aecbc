"""`python -m benchmarks.gate.lookback`: look-back selection compared with fixed lookbacks."""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.drift.table import table
from benchmarks.gate.scenarios import SCENARIOS, Scenario
from benchmarks.gate.trial import DATA_SET_ROWS, PARAMS, TRUE_ROWS, draw_rows, stream
from benchmarks.page import put
from contract.schema import CARS
from data.population import DATA_SET
from training import train
from training.evaluation import log_losses
from training.lookback import rows as training_rows
from training.lookback.holdout import holdout_mask

NAMES = (
    "nothing",
    "other customers: age +8, salary +20 %",
    "target: concept shift 0.5",
    "target: concept shift 2",
    "target: concept shift 2, 1,000 rows",
    "target: concept shift 2, the last fifth of the rows",
    "target: concept shift 4",
)
HEAD = (
    "before the training", "data set alone", "newest window alone", "stream alone", "everything",
    "selected",
)  # fmt: skip


def main() -> None:
    """Takes some minutes with 20 trials."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate.lookback", description=__doc__)
    parser.add_argument("--trials", type=int, default=20, help="of each scenario")
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    lines = []
    for name in NAMES:
        losses = [_trial(SCENARIOS[name], (options.seed, each)) for each in range(options.trials)]
        lines.append([name, *(f"{loss:.4f}" for loss in np.mean(losses, axis=0))])
    runs = f"{options.trials} streams each; seed {options.seed}."
    put("retraining.md", "lookback", f"{runs}\n\n{table(HEAD, lines)}")


def _trial(scenario: Scenario, seed: tuple[int, int]) -> list[float]:
    """The true log loss of a model of each lookback."""
    random = np.random.default_rng(seed)
    data_set = draw_rows(DATA_SET, DATA_SET_ROWS, random, training_rows.DATA_SET)
    from_stream = stream(scenario, random, "now")
    rows = training_rows.concat(data_set, from_stream)
    truth = draw_rows(scenario.population, TRUE_ROWS, random, training_rows.STREAM)
    fixed = (data_set, from_stream.tail(PARAMS.evaluation_rows), from_stream, rows)
    models = [_fit(lookback) for lookback in fixed] + [train.train(rows, PARAMS).model]
    actual = truth[CARS.target.name].to_numpy()
    return [float(log_losses(actual, train.outputs(model, truth, CARS)).mean()) for model in models]


def _fit(rows: pd.DataFrame) -> Any:
    fit_rows = rows[~holdout_mask(rows, PARAMS.held_out_ratio, PARAMS.random_state, CARS)]
    return train.build_model(PARAMS).fit(fit_rows[list(CARS.features)], fit_rows[CARS.target.name])


if __name__ == "__main__":
    main()
