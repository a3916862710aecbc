"""Results of one run of all benchmarks."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.scoring.contender_list import Peer
from benchmarks.scoring.latency import Latencies
from benchmarks.scoring.memory import MemoryUse
from benchmarks.scoring.model import EstimatorCost
from benchmarks.scoring.throughput import Drained


@dataclass(frozen=True)
class Speed:
    """Runs of one contender, one per round; a round measures all contenders in turn."""

    runs: Sequence[Drained]

    @property
    def per_second(self) -> float:
        """Median of the runs."""
        return median(run.per_second for run in self.runs)

    @property
    def peak_memory(self) -> int:
        """Largest of the runs, bytes."""
        return max(run.peak_memory for run in self.runs)

    def over(self, other: "Speed") -> float:
        """Speed relative to the other's: median of the ratios within each round."""
        pairs = zip(self.runs, other.runs, strict=True)
        return median(ours.per_second / theirs.per_second for ours, theirs in pairs)


@dataclass(frozen=True)
class Measured:
    """One latency measurement of the scorer and of the pass-through, one after the other."""

    ours: Latencies
    passed: Latencies


def pool_rounds(rounds: Sequence[Measured]) -> Measured:
    """Merges rounds into one measurement, because a few records have no p99."""
    return Measured(
        _joined([each.ours for each in rounds]), _joined([each.passed for each in rounds])
    )


def _joined(parts: Sequence[Latencies]) -> Latencies:
    return Latencies(parts[0].rate, np.concatenate([part.milliseconds for part in parts]))


@dataclass(frozen=True)
class Results:
    """All results.

    Attributes:
        ours: The scorer on the backlog.
        bare: The bare loop, in the same rounds.
        passed: The pass-through, in the same rounds.
        peers: The peers, in the same rounds.
        linear: The scorer by size of the backlog.
        slow_broker: Memory of a worker whose broker stops again and again.
        starts: Seconds to the first prediction, without and with a cached model.
        models: Cost of each estimator.
        steady: Rounds at 10,000 records/s.
        single: All rounds at 1 record/s.
        curve: At increasing rates.
        minutes: Duration of the run.
    """

    ours: Speed
    bare: Speed
    passed: Speed
    peers: Sequence[tuple[Peer, Speed]]
    linear: dict[int, Speed]
    slow_broker: MemoryUse
    starts: tuple[float, float]
    models: Sequence[EstimatorCost]
    steady: Sequence[Measured]
    single: Measured
    curve: Sequence[Measured]
    minutes: float
