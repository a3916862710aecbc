"""Prometheus metrics of the producers."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ProducerMetrics:
    """Metrics of a process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._records = Counter(
            "intent_simulator_records",
            "Published records, by whether they match the schema.",
            ["validity"],
            registry=self.registry,
        )
        self.outcomes = Counter(
            "intent_simulator_outcomes", "Published outcomes.", registry=self.registry
        )
        self.drift = Gauge(
            "intent_simulator_drift_ratio",
            "Progress of simulated drift, from 0 (none) to 1 (complete).",
            registry=self.registry,
        )
        self.valid = self._records.labels("valid")
        self.invalid = self._records.labels("invalid")
