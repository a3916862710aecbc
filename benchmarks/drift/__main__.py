"""`python -m benchmarks.drift`: measures the rule and the others, writes docs/drift.md's tables."""

import argparse
import warnings

from benchmarks.drift.detectors import (
    Factory,
    KolmogorovSmirnov,
    Ours,
    StabilityIndex,
    adwin,
    page_hinkley,
)
from benchmarks.drift.evidently_default import DEFAULTS
from benchmarks.drift.simulation import clean_only, trial
from benchmarks.drift.table import clean_streams, comparison
from benchmarks.page import put

DETECTORS: dict[str, Factory] = {
    "ours": Ours,
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
    parser.add_argument("--ours", type=int, default=1_000, help="fresh references, our rule alone")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    warnings.filterwarnings("ignore", module="evidently|scipy|numpy")
    counts = trial(DETECTORS, given.references, given.windows, given.seed)
    text = comparison(counts)
    print(text)
    put("drift.md", "comparison", f"{_runs(given.references, given.windows, given.seed)}\n\n{text}")
    alone = clean_only(Ours, given.ours, given.windows, given.seed + 1)
    text = clean_streams(alone, given.ours)
    print(text)
    put("drift.md", "clean", f"{_runs(given.ours, given.windows, given.seed + 1)}\n\n{text}")


def _runs(references: int, windows: int, seed: int) -> str:
    return f"{references:,} references, {windows} clean windows of each size for each, seed {seed}."


if __name__ == "__main__":
    main()
