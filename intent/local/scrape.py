"""A stage's /metrics -> samples by name and labels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from prometheus_client.parser import text_string_to_metric_families

from intent.local.network import http_get

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Samples:
    """Samples of one scrape by metric name; empty if the stage did not answer."""

    values: dict[str, dict[Labels, float]] = field(default_factory=dict)

    def matching(self, name: str, **labels: str) -> Iterator[tuple[dict[str, str], float]]:
        """Labels and value of every sample that has these labels."""
        for sample_labels, value in self.values.get(name, {}).items():
            if sample_labels.issuperset(labels.items()):
                yield dict(sample_labels), value

    def total(self, name: str, **labels: str) -> float:
        """Sum of the samples that have these labels; 0 if there is none."""
        return sum(value for _, value in self.matching(name, **labels))

    def has(self, name: str) -> bool:
        """Whether there is a sample of that name."""
        return bool(self.values.get(name))

    def buckets(self, histogram: str) -> dict[float, float]:
        """Cumulative counts by upper bound, over all labels."""
        counts: dict[float, float] = {}
        for labels, value in self.matching(f"{histogram}_bucket"):
            bound = float(labels["le"])
            counts[bound] = counts.get(bound, 0) + value
        return counts


def scrape(host: str, port: int, token: str = "") -> Samples:
    """Reads host:port/metrics."""
    body = http_get(host, port, "/metrics", token=token)
    return parse(body.decode()) if body else Samples()


def parse(text: str) -> Samples:
    """Prometheus text format -> samples."""
    values: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return Samples(values)


def increase(now: dict[float, float], before: dict[float, float]) -> dict[float, float]:
    """Increase of cumulative counts between two scrapes."""
    return {bound: count - before.get(bound, 0) for bound, count in now.items()}


def quantile(q: float, buckets: dict[float, float]) -> float | None:
    """Quantile of a histogram, computed like `histogram_quantile` of Prometheus.

    Args:
        q: Between 0 and 1.
        buckets: Cumulative counts by upper bound.

    Returns:
        Linear interpolation within a bucket, the last finite bound beyond it; None if the
        histogram is empty.
    """
    bounds = sorted(buckets)
    if not bounds or buckets[bounds[-1]] <= 0:
        return None
    rank = q * buckets[bounds[-1]]
    lower, below = 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if bound == inf:
                return lower
            return lower + (bound - lower) * (rank - below) / max(buckets[bound] - below, 1e-9)
        lower, below = bound, buckets[bound]
    return lower
