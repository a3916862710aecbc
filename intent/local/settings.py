"""Settings of the local stack, in addition to those of its stages."""

import os
import sys
from pathlib import Path
from typing import Final

from pydantic import Field

from contract.settings import Settings

LOOPBACK: Final = "127.0.0.1"

OPTIONS: Final = ("data_dir", "records", "rate", "invalid_ratio", "drift_start", "drift_ramp")
"""Settings that are options of `intent up`."""


def user_cache() -> Path:
    """This platform's cache folder for the project."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "intent-stream"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "intent-stream"


class LocalSettings(Settings):
    """Settings of the local stack."""

    cache_dir: Path = Field(
        default_factory=user_cache,
        description="Directory for downloads, shared by all stacks of this user.",
    )
    broker_port: int = Field(
        9092, description="Port of the Kafka broker that the stack starts.", ge=1, le=65535
    )
    scorer_port: int = Field(
        8001, description="Port of the scorer's /metrics, /healthz and /readyz.", ge=1, le=65535
    )
    monitoring_port: int = Field(
        8002,
        description="Port of monitoring's pages, /metrics and /healthz.",
        ge=1,
        le=65535,
    )
    simulator_port: int = Field(
        8003, description="Port of the simulator's /metrics, /healthz and /readyz.", ge=1, le=65535
    )
    training_port: int = Field(
        8004,
        description="Port of the retraining controller's /metrics, /healthz and /readyz.",
        ge=1,
        le=65535,
    )
    retrain_enabled: bool = Field(
        True,
        description="Retrain on drift in an unbounded run. The stack then starts a Prefect server.",
    )
    worker_id: str = Field(
        "local",
        description="Name of the scorer's worker. The next run takes over its open transaction.",
    )
    scorer_group: str = Field(
        "scorer", description="Consumer group of the scorer's workers.", min_length=1
    )
    records: int = Field(
        0, description="Number of records to publish before the run ends. 0: until Ctrl-C.", ge=0
    )
    rate: float = Field(
        1_000, description="Records per second. 0: as fast as the broker accepts them.", ge=0
    )
    invalid_ratio: float = Field(
        0.001, description="Ratio of records that do not match the schema.", ge=0, le=1
    )
    drift_start: float = Field(
        60, description="Time (seconds) of traffic after which drift begins. 0: no drift.", ge=0
    )
    drift_ramp: float = Field(
        20,
        description="Time (seconds) from the start of drift until it is complete. 0: sudden drift.",
        ge=0,
    )
    drift_age_shift: float = Field(
        8, description="Years that drift adds to every customer's age. Only for the cars."
    )
    drift_salary_factor: float = Field(
        1.2,
        description="Factor by which drift multiplies every customer's salary. Only for the cars.",
        gt=0,
    )
    window_seconds: float = Field(
        10,
        description="Length (seconds of event time) of a window. The default is shorter than "
        "monitoring's, to detect drift soon.",
        gt=0,
    )
    retrain_delay: float = Field(
        10,
        description="Delay (seconds) from an alert to its training. The default is shorter than "
        "that of training.",
        ge=0,
    )
    run_timeout: float = Field(
        600,
        description="Time limit (seconds) for a bounded run, in addition to the time that its "
        "rate needs.",
        gt=0,
    )

    @property
    def starts_broker(self) -> bool:
        """Whether the stack starts Kafka: `kafka_bootstrap` is not set."""
        return "kafka_bootstrap" not in self.model_fields_set

    @property
    def dial_host(self) -> str:
        """Address under which `listen_host` can be reached."""
        return LOOPBACK if self.listen_host in ("0.0.0.0", "::") else self.listen_host  # noqa: S104 compared, not bound
