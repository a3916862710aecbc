"""Every figure of the simulator, by the name that it has in Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ProducerMetrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._records = Counter(
            "intent_simulator_records",
            "Records published, by whether they fit the contract.",
            ["kind"],
            registry=self.registry,
        )
        self.outcomes = Counter(
            "intent_simulator_outcomes", "Outcomes published.", registry=self.registry
        )
        self.drift = Gauge(
            "intent_simulator_drift_ratio",
            "How much of the drift is there, from 0 (none) to 1 (complete).",
            registry=self.registry,
        )
        self.valid = self._records.labels("valid")
        self.invalid = self._records.labels("invalid")
