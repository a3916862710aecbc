"""`python -m benchmarks.performance_estimation`: writes the table of its docs page."""

import argparse

from benchmarks.drift.table import table
from benchmarks.page import put
from benchmarks.performance_estimation.scenarios import CONCEPT, COVARIATE
from benchmarks.performance_estimation.simulation import AccuracyPairs, simulate

HEAD = ("drift", "estimated", "measured", "bias", "RMS error", "interval, half", "coverage")


def main() -> None:
    """Takes a minute or two."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.performance_estimation", description=__doc__
    )
    parser.add_argument("--references", type=int, default=100, help="fresh champions")
    parser.add_argument("--windows", type=int, default=5, help="windows of 1,000 rows for each")
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args()
    results = simulate({**COVARIATE, **CONCEPT}, given.references, given.windows, given.seed)
    text = table(HEAD, [[name, *_row(each)] for name, each in results.items()])
    print(text)
    runs = (
        f"{given.references} champions, each of a fresh sample; {given.windows} windows of 1,000 "
        f"rows for each drift and champion; seed {given.seed}."
    )
    put("performance-estimation.md", "coverage", f"{runs}\n\n{text}")


def _row(pairs: AccuracyPairs) -> list[str]:
    return [
        f"{pairs.estimated.mean():.3f}",
        f"{pairs.measured.mean():.3f}",
        f"{pairs.bias:+.3f}",
        f"{pairs.error:.3f}",
        f"{(pairs.high - pairs.low).mean() / 2:.3f}",
        f"{pairs.coverage:.1%}",
    ]


if __name__ == "__main__":
    main()
