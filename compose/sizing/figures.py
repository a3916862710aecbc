"""What the sums start from: measured, or assumed where we could not measure. Yours may differ."""

from dataclasses import dataclass, field
from typing import Any, Final

MEASURED: Final = "measured"
ASSUMED: Final = "assumed"


def _figure(value: float, words: str, origin: str) -> Any:
    return field(default=value, metadata={"words": words, "origin": origin})


@dataclass(frozen=True)
class Figures:
    """Rates are a second, sizes in bytes or GB, prices in dollars."""

    records: float = _figure(1_000_000, "records a second that are wanted", "the goal")
    worker: float = _figure(
        330_000,
        "records a second of one worker, in batches of 10,000",
        f"{MEASURED}, [benchmarks](benchmarks/README.md)",
    )
    record_microseconds: float = _figure(
        3.8,
        "microseconds of a core that a worker takes for a record",
        f"{MEASURED}, [benchmarks](benchmarks/README.md)",
    )
    planned: float = _figure(
        0.6, "share of it that is planned for", f"{ASSUMED}: the rest catches up after a standstill"
    )
    worker_gb: float = _figure(1, "GB of memory of a worker at most", MEASURED)
    customer: float = _figure(45, "bytes of a customer in Kafka, lz4, random ids", MEASURED)
    prediction: float = _figure(60, "bytes of a prediction, likewise", MEASURED)
    monitoring: float = _figure(
        118_000,
        "messages a second of the monitoring, of which a record makes two",
        f"{MEASURED}, [benchmarks](benchmarks/monitoring.md)",
    )
    zones: int = _figure(3, "zones, of which one may be lost", "our example")
    replicas: int = _figure(3, "replicas, of which two are in sync", "our example")
    partition_reserve: float = _figure(
        4, "partitions for each worker of today", f"{ASSUMED}: their number is hard to change"
    )
    broker_writes: float = _figure(
        100e6,
        "bytes a second that a broker writes, replication included",
        f"{ASSUMED}: modest for 8 cores and fast disks",
    )
    broker_cores: float = _figure(8, "cores of a broker", ASSUMED)
    other_cores: float = _figure(6, "cores of monitoring, training, MLflow, Prometheus", ASSUMED)
    retention_hours: float = _figure(24, "hours that records are kept", "our example")
    core_hour: float = _figure(0.045, "price of a core for an hour, with its memory", ASSUMED)
    gb_month: float = _figure(0.08, "price of a GB of disk for a month", ASSUMED)
    gb_between_zones: float = _figure(0.02, "price of a GB between zones, both ends", ASSUMED)
