"""Figures -> what must be there for them, and its price. Pure."""

from dataclasses import dataclass
from math import ceil, log2
from typing import Final

from compose.sizing.figures import Figures

HOURS: Final = 730
"""Of a month."""
SECONDS: Final = HOURS * 3600
READERS: Final = 2
"""Of customers: scorer and monitoring. Of predictions: monitoring and whoever uses them."""
WEEK: Final = 168


@dataclass(frozen=True)
class Plan:
    """All that follows from the figures; bytes are a second."""

    given: Figures

    @property
    def workers(self) -> int:
        """That do the work."""
        return ceil(self.given.records / (self.given.worker * self.given.planned))

    @property
    def worker_cores(self) -> float:
        """Of one worker at its planned rate, in tenths."""
        rate = self.given.worker * self.given.planned
        return ceil(rate * self.given.record_microseconds / 1e5) / 10

    @property
    def spare_workers(self) -> int:
        """With those that stand in for a lost zone, where there is another."""
        if self.given.zones == 1:
            return self.workers
        return ceil(self.workers * self.given.zones / (self.given.zones - 1))

    @property
    def partitions(self) -> int:
        """Of `customers` and of `predictions`: a power of two, which many numbers divide."""
        return int(2 ** ceil(log2(self.workers * self.given.partition_reserve)))

    @property
    def received(self) -> float:
        """By the brokers from clients."""
        return self.given.records * (self.given.customer + self.given.prediction)

    @property
    def shadowed(self) -> float:
        """More of it while a challenger is shadowed."""
        return self.given.records * self.given.prediction

    @property
    def written(self) -> float:
        """At most, by all brokers."""
        return (self.received + self.shadowed) * self.given.replicas

    @property
    def least_brokers(self) -> int:
        """That take what is written."""
        return ceil(self.written / self.given.broker_writes)

    @property
    def brokers(self) -> int:
        """As many in each zone, and one more than the least: one may be away."""
        return ceil((self.least_brokers + 1) / self.given.zones) * self.given.zones

    @property
    def replicated(self) -> float:
        """Between brokers."""
        return self.received * (self.given.replicas - 1)

    @property
    def read(self) -> float:
        """By clients."""
        return self.received * READERS

    @property
    def between_zones(self) -> float:
        """All of replication, and of the rest what does not happen to stay in its zone."""
        if self.given.zones == 1:
            return 0
        elsewhere = (self.given.zones - 1) / self.given.zones
        return self.replicated + (self.received + self.read) * elsewhere

    def disk(self, hours: float) -> float:
        """Bytes that are kept, of all replicas."""
        return self.received * self.given.replicas * hours * 3600

    @property
    def watched(self) -> float:
        """Records a second beyond which the monitoring lags."""
        return self.given.monitoring / 2

    @property
    def costs(self) -> dict[str, float]:
        """Dollars a month."""
        core = HOURS * self.given.core_hour
        return {
            "workers": self.spare_workers * self.worker_cores * core,
            "brokers": self.brokers * self.given.broker_cores * core,
            "others": self.given.other_cores * core,
            "disk": self.disk(self.given.retention_hours) / 1e9 * self.given.gb_month,
            "traffic": self.between_zones * SECONDS / 1e9 * self.given.gb_between_zones,
        }

    @property
    def price_of_a_million(self) -> float:
        """Dollars for a million records."""
        return sum(self.costs.values()) / (self.given.records * SECONDS) * 1e6
