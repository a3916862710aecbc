"""`python -m benchmarks.gate.threshold`: costs at 0.5 and at chosen thresholds, where few buy.

It writes the table of decision 26.
"""

import argparse
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.drift.streams import frame
from benchmarks.drift.table import table
from benchmarks.page import put
from contract.schema import CARS
from contract.schema.task import DEFAULT_THRESHOLD
from data.population import DATA_SET, RandomStreams
from training import train
from training.evaluation import Floats
from training.threads import limit_threads
from training.threshold import Costs, cheapest_threshold, choose_threshold
from training.train import TrainingParams

PAGE: Final = "decisions/0026-custom-training.md"
BUYERS: Final = 0.002
ROWS: Final = 40_000
TRUE_ROWS: Final = 400_000
FALSE_NEGATIVE_COSTS: Final = (20.0, 100.0, 500.0)
KINDS: Final = (
    ("logistic", "none"),
    ("logistic", "balanced"),
    ("hist_gradient_boosting", "none"),
    ("hist_gradient_boosting", "balanced"),
)
HEAD: Final = (
    "estimator, class weight",
    "cost of a false negative",
    "recall, 0.5",
    "chosen",
    "precision, 0.5",
    "chosen",
    "cost of 1,000 records, 0.5",
    "calibrated",
    "cheapest",
    "chosen",
)


def main() -> None:
    """Takes five minutes on a core with 10 trials."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate.threshold")
    parser.add_argument("--trials", type=int, default=10, help="trainings of each estimator")
    trials = parser.parse_args().trials
    truth = draw_rare(TRUE_ROWS, 1_000_003)
    lines: list[list[str]] = []
    with limit_threads():
        for estimator, class_weight in KINDS:
            runs = [_run(estimator, class_weight, seed, truth) for seed in range(trials)]
            for cost, figures in zip(FALSE_NEGATIVE_COSTS, np.mean(runs, axis=0), strict=True):
                name = f"{estimator}, {class_weight}"
                recalls, costs = figures[:4], figures[4:]
                lines.append(
                    [
                        name,
                        f"{cost:g}",
                        *(f"{figure:.2f}" for figure in recalls[:2]),
                        *(f"{figure:.3f}" for figure in recalls[2:]),
                        *(f"{1000 * figure:.1f}" for figure in costs),
                    ]
                )
    runs_text = f"{trials} trainings each, seeds 0 to {trials - 1}."
    put(PAGE, "threshold", f"{runs_text}\n\n{table(HEAD, lines)}")


def draw_rare(rows: int, seed: int) -> pd.DataFrame:
    """Customers of the data set's population of whom a share of `BUYERS` buys."""
    random = np.random.default_rng(seed)
    drawn = frame(DATA_SET.sample(3 * rows, RandomStreams.spawn(random)))
    positive = drawn[CARS.target.name] == 1
    positives = round(rows * BUYERS)
    kept = pd.concat([drawn[positive].head(positives), drawn[~positive].head(rows - positives)])
    return kept.sample(frac=1, random_state=seed).reset_index(drop=True)


def _run(estimator: str, class_weight: str, seed: int, truth: pd.DataFrame) -> list[list[float]]:
    """Figures for each cost of a false negative: recalls, precisions and costs."""
    rows = draw_rare(ROWS, seed)
    params = TrainingParams(CARS, estimator, seed, 0.25, 0, class_weight)
    held_out = rows.index.to_series().sample(frac=0.25, random_state=seed).index
    fitted = rows.drop(held_out)
    model = train.build_model(params).fit(fitted[list(CARS.features)], fitted[CARS.target.name])
    held_out_outputs, truth_outputs = (
        train.outputs(model, each, CARS) for each in (rows.loc[held_out], truth)
    )
    actual = rows.loc[held_out, CARS.target.name].to_numpy()
    figures = []
    for cost in FALSE_NEGATIVE_COSTS:
        costs = Costs(1.0, cost)
        chosen = choose_threshold(actual, held_out_outputs, costs)
        rules = (
            DEFAULT_THRESHOLD,
            costs.calibrated_threshold,
            cheapest_threshold(actual, held_out_outputs, costs),
            chosen,
        )
        of_half, of_chosen = (
            _recall_precision(truth, truth_outputs, rule) for rule in (rules[0], chosen)
        )
        means = [
            float(costs.of_rows(truth[CARS.target.name].to_numpy(), truth_outputs, rule).mean())
            for rule in rules
        ]
        figures.append([of_half[0], of_chosen[0], of_half[1], of_chosen[1], *means])
    return figures


def _recall_precision(
    truth: pd.DataFrame, truth_outputs: Floats, threshold: float
) -> tuple[float, float]:
    actual, predicted = truth[CARS.target.name].to_numpy() == 1, truth_outputs > threshold
    hits = float((actual & predicted).sum())
    return hits / float(actual.sum()), hits / max(1.0, float(predicted.sum()))


if __name__ == "__main__":
    main()
