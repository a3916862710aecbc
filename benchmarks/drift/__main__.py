"""`python -m benchmarks.drift`: simulates detectors and writes the tables of docs/drift.md."""

import argparse
import warnings

from benchmarks.drift.detectors import (
    DriftRuleDetector,
    Factory,
    KolmogorovSmirnov,
    StabilityIndex,
    adwin,
    page_hinkley,
)
from benchmarks.drift.evidently_default import DEFAULTS
from benchmarks.drift.simulation import simulate, simulate_clean
from benchmarks.drift.table import clean_streams, comparison
from benchmarks.page import put

DETECTORS: dict[str, Factory] = {
    "drift rule": DriftRuleDetector,
    **DEFAULTS,
    "KS and chi-squared, Bonferroni": KolmogorovSmirnov,
    "PSI > 0.2": StabilityIndex,
    "ADWIN (river)": adwin,
    "Page-Hinkley (river)": page_hinkley,
}


def main() -> None:
    """Takes some minutes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument(
        "--references", type=int, default=60, help="fresh references, all detectors"
    )
    parser.add_argument("--windows", type=int, default=50, help="clean windows for each")
    parser.add_argument(
        "--rule-references", type=int, default=1_000, help="fresh references, the drift rule alone"
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    warnings.filterwarnings("ignore", module="evidently|scipy|numpy")
    counts = simulate(DETECTORS, given.references, given.windows, given.seed)
    text = comparison(counts)
    print(text)
    put("drift.md", "comparison", f"{_runs(given.references, given.windows, given.seed)}\n\n{text}")
    alone = simulate_clean(DriftRuleDetector, given.rule_references, given.windows, given.seed + 1)
    text = clean_streams(alone, given.rule_references)
    print(text)
    put(
        "drift.md",
        "clean",
        f"{_runs(given.rule_references, given.windows, given.seed + 1)}\n\n{text}",
    )


def _runs(references: int, windows: int, seed: int) -> str:
    return f"{references:,} references, {windows} clean windows of each size for each, seed {seed}."


if __name__ == "__main__":
    main()
