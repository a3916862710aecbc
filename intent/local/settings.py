"""What the local stack is told from outside, beside what every stage is."""

import os
import sys
from pathlib import Path
from typing import Final

from pydantic import Field

from contract.settings import Settings

LOOPBACK: Final = "127.0.0.1"


def user_cache() -> Path:
    """Where this platform wants a program's downloads kept."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "intent-stream"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "intent-stream"


class LocalSettings(Settings):
    """Settings of the local stack."""

    cache_dir: Path = Field(
        default_factory=user_cache, description="Folder for what is downloaded once."
    )
    broker_port: int = Field(
        9092, description="Port of the Kafka that the stack starts.", ge=1, le=65535
    )
    scorer_port: int = Field(8001, description="Port of the scorer's metrics.", ge=1, le=65535)
    monitoring_port: int = Field(
        8002, description="Port of the monitoring page and metrics.", ge=1, le=65535
    )
    simulator_port: int = Field(
        8003, description="Port of the simulator's metrics.", ge=1, le=65535
    )
    training_port: int = Field(
        8004, description="Port of the metrics of what retrains.", ge=1, le=65535
    )
    retrain_enabled: bool = Field(
        True, description="Whether drift retrains in a run without end; takes a Prefect server."
    )
    worker_id: str = Field(
        "local", description="Name of the scorer, so that the next takes over from the last."
    )
    scorer_group: str = Field("scorer", description="Consumer group of the scorer.", min_length=1)
    records: int = Field(
        0, description="Records to publish, then end the run; 0 is until Ctrl-C.", ge=0
    )
    rate: float = Field(
        1_000, description="Records a second; 0 is as fast as the broker takes them.", ge=0
    )
    invalid_ratio: float = Field(
        0.001, description="Share of records that do not fit the contract.", ge=0, le=1
    )
    drift_start: float = Field(
        60, description="Seconds of traffic after which the population drifts; 0 is never.", ge=0
    )
    drift_ramp: float = Field(
        20, description="Seconds that the drift takes to be complete; 0 is sudden.", ge=0
    )
    drift_age_shift: float = Field(8, description="Years that the drift adds to everybody's age.")
    drift_salary_factor: float = Field(1.2, description="Factor that it puts on salaries.", gt=0)
    window_seconds: float = Field(
        10, description="Length of a window; shorter than in production, to see drift soon.", gt=0
    )
    retrain_delay: float = Field(
        10, description="Seconds from an alert to its training; shorter than in production.", ge=0
    )
    run_timeout: float = Field(
        600,
        description="Seconds, beyond what its rate needs, in which a bounded run must be complete.",
        gt=0,
    )

    @property
    def starts_broker(self) -> bool:
        """Whether Kafka is ours to start: nobody named one that runs."""
        return "kafka_bootstrap" not in self.model_fields_set

    @property
    def dial_host(self) -> str:
        """Where to reach what listens on `listen_host`."""
        return LOOPBACK if self.listen_host in ("0.0.0.0", "::") else self.listen_host  # noqa: S104 compared, not bound
