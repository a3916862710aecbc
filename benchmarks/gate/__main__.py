"""`python -m benchmarks.gate`: measures, and writes the tables of docs/retraining.md."""

import argparse

import numpy as np

from benchmarks.drift.table import table
from benchmarks.gate import live_evaluation, trial
from benchmarks.gate.scenarios import SCENARIOS
from benchmarks.page import put
from training.gate.types import Thresholds

HEAD = (
    "before the training",
    "look-back, rows",
    "true gain, log loss",
    "accuracy",
    "promoted",
    "falsely",
    "missed",
    "rejected by",
)
LIVE_HEAD = ("true difference in accuracy", "shadow agrees", "rolled back", "after records")
DIFFERENCES = (0.02, 0.0, -0.01, -0.02, -0.03, -0.05, -0.1)
DISAGREE = 0.15


def main() -> None:
    """Takes an hour on a core with 100 trials."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument("--trials", type=int, default=100, help="of each scenario")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--only", default="", help="scenarios whose name has this; writes nothing")
    options = parser.parse_args()
    lines = []
    for name, scenario in SCENARIOS.items():
        if options.only in name:
            lines.append(
                [name, *_row(trial.run(scenario, options.trials, options.seed, Thresholds()))]
            )
            print(*lines[-1], sep=" | ", flush=True)
    if options.only:
        return
    runs = f"{options.trials} champions and streams each; seed {options.seed}."
    put("retraining.md", "gate", f"{runs}\n\n{table(HEAD, lines)}")
    lines = [
        [
            f"{difference:+.2f}",
            *_live(
                live_evaluation.run(difference, DISAGREE, 0.01, 10 * options.trials, options.seed)
            ),
        ]
        for difference in DIFFERENCES
    ]
    put("retraining.md", "sequential-test", table(LIVE_HEAD, lines))


def _row(result: trial.Result) -> list[str]:
    rejected = ", ".join(f"{name} {count}" for name, count in result.failed.most_common())
    return [
        f"{np.median(result.lookback):,.0f}",
        f"{np.mean(result.gain):+.4f}",
        f"{np.mean(result.accuracy):+.3f}",
        f"{np.mean(result.promoted):.0%}",
        f"{result.false_promotions:.0%}",
        f"{result.missed:.0%}",
        rejected,
    ]


def _live(result: live_evaluation.ProbationResult) -> list[str]:
    after = "" if result.after is None else f"{result.after:,.0f}"
    return [f"{result.agreed:.1%}", f"{result.rolled_back:.1%}", after]


if __name__ == "__main__":
    main()
