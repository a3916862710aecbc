"""`python -m benchmarks.gate`: measures, and writes the tables of docs/retraining.md."""

import argparse

import numpy as np

from benchmarks.drift.table import table
from benchmarks.gate import live, trial
from benchmarks.gate.scenarios import SCENARIOS
from benchmarks.page import put
from training.gate.bounds import Bounds

HEAD = (
    "before the training",
    "learnt from, rows",
    "true gain, log loss",
    "accuracy",
    "promoted",
    "falsely",
    "missed",
    "refused by",
)
LIVE_HEAD = ("true difference of accuracy", "shadow agrees", "rolled back", "after records")
DIFFERENCES = (0.02, 0.0, -0.01, -0.02, -0.03, -0.05, -0.1)
DISAGREE = 0.15


def main() -> None:
    """Takes an hour on a core with 100 trials."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument("--trials", type=int, default=100, help="of each scenario")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--only", default="", help="scenarios whose name has this; writes nothing")
    given = parser.parse_args()
    lines = []
    for name, scenario in SCENARIOS.items():
        if given.only in name:
            lines.append([name, *_row(trial.run(scenario, given.trials, given.seed, Bounds()))])
            print(*lines[-1], sep=" | ", flush=True)
    if given.only:
        return
    runs = f"{given.trials} champions and streams each; seed {given.seed}."
    put("retraining.md", "gate", f"{runs}\n\n{table(HEAD, lines)}")
    found = [
        [f"{each:+.2f}", *_live(live.run(each, DISAGREE, 0.01, 10 * given.trials, given.seed))]
        for each in DIFFERENCES
    ]
    put("retraining.md", "live", table(LIVE_HEAD, found))


def _row(found: trial.Result) -> list[str]:
    refused = ", ".join(f"{name} {count}" for name, count in found.failed.most_common())
    return [
        f"{np.median(found.learnt):,.0f}",
        f"{np.mean(found.gain):+.4f}",
        f"{np.mean(found.accuracy):+.3f}",
        f"{np.mean(found.promoted):.0%}",
        f"{found.false:.0%}",
        f"{found.missed:.0%}",
        refused,
    ]


def _live(found: live.Live) -> list[str]:
    after = "" if found.after is None else f"{found.after:,.0f}"
    return [f"{found.agreed:.1%}", f"{found.fell:.1%}", after]


if __name__ == "__main__":
    main()
