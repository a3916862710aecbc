"""What one run of all benchmarks found."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.scoring.contender_list import Peer
from benchmarks.scoring.latency import Latencies
from benchmarks.scoring.memory import Held
from benchmarks.scoring.model import Cost
from benchmarks.scoring.throughput import Drained


@dataclass(frozen=True)
class Speed:
    """Runs of one contender, one a round; rounds go through all contenders in turn."""

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
        """How many times as fast as the other: median of the ratios within each round."""
        pairs = zip(self.runs, other.runs, strict=True)
        return median(ours.per_second / theirs.per_second for ours, theirs in pairs)


@dataclass(frozen=True)
class Measured:
    """One latency measurement: ours and the pass-through's, one after the other."""

    ours: Latencies
    passed: Latencies


def pooled(rounds: Sequence[Measured]) -> Measured:
    """All records of several rounds as one measurement: of a few records there is no p99."""
    return Measured(
        _joined([each.ours for each in rounds]), _joined([each.passed for each in rounds])
    )


def _joined(parts: Sequence[Latencies]) -> Latencies:
    return Latencies(parts[0].rate, np.concatenate([part.milliseconds for part in parts]))


@dataclass(frozen=True)
class Results:
    """All of it.

    Attributes:
        ours: the scorer on the backlog.
        bare: the bare loop, in the same rounds.
        passed: the pass-through, in the same rounds.
        peers: the others, in the same rounds.
        linear: the scorer by size of the backlog.
        slow_broker: memory of a worker whose broker keeps stopping.
        starts: seconds to the first prediction: the first time with a model, and again.
        models: cost of each estimator.
        steady: repeated at 10,000 records/s.
        single: at 1 record/s, all rounds.
        curve: at growing rates.
        minutes: that all of it took.
    """

    ours: Speed
    bare: Speed
    passed: Speed
    peers: Sequence[tuple[Peer, Speed]]
    linear: dict[int, Speed]
    slow_broker: Held
    starts: tuple[float, float]
    models: Sequence[Cost]
    steady: Sequence[Measured]
    single: Measured
    curve: Sequence[Measured]
    minutes: float
