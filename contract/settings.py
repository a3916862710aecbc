"""What every stage is told from outside: addresses and names, read from `INTENT_*` variables."""

import shlex
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.errors import BadSetting

PREFIX = "INTENT_"
TOPIC_NAME = r"^[a-zA-Z0-9._-]{1,249}$"

S = TypeVar("S", bound="Settings")


class Settings(BaseSettings):
    """Settings that all stages share. A stage adds its own in a subclass."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    kafka_bootstrap: str = Field(
        "127.0.0.1:9092",
        description="Kafka bootstrap servers, host:port, comma separated.",
        pattern=r"^[^\s:,]+:\d+(,[^\s:,]+:\d+)*$",
    )
    kafka_timeout: float = Field(
        10, description="Seconds to wait for a broker before giving up.", gt=0
    )
    topic_customers: str = Field(
        "customers", description="Topic of customer records.", pattern=TOPIC_NAME
    )
    topic_predictions: str = Field(
        "predictions", description="Topic of predictions.", pattern=TOPIC_NAME
    )
    topic_outcomes: str = Field(
        "outcomes", description="Topic of what customers really did.", pattern=TOPIC_NAME
    )
    topic_dead_letters: str = Field(
        "customers.dead-letters",
        description="Topic of the records that do not fit the contract.",
        pattern=TOPIC_NAME,
    )
    topic_alerts: str = Field(
        "alerts", description="Topic of the drift that began and ended.", pattern=TOPIC_NAME
    )
    topic_retrains: str = Field(
        "retrains", description="Topic of those who ask for a training.", pattern=TOPIC_NAME
    )
    topic_lifecycle: str = Field(
        "lifecycle", description="Topic of the steps of each model's life.", pattern=TOPIC_NAME
    )
    partitions: int = Field(4, description="Partitions of a topic that we create.", ge=1, le=10_000)
    replication_factor: int = Field(
        1, description="Replicas of a topic that we create.", ge=1, le=100
    )
    retention_hours: int = Field(
        168, description="Hours that a topic we create keeps its records.", ge=1
    )
    home: Path = Field(
        Path(".intent"), description="Folder for what is kept on disk: registry, reports, broker."
    )
    mlflow_uri: str = Field(
        "",
        description="MLflow tracking and registry address; SQLite below the home folder if empty.",
    )
    model_name: str = Field(
        "car-purchase", description="Name of the registered model.", min_length=1
    )
    listen_host: str = Field(
        "127.0.0.1", description="Address that pages and metrics listen on.", min_length=1
    )
    log_level: str = Field(
        "INFO",
        description="Least severe level that is logged.",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
    )

    @property
    def registry_uri(self) -> str:
        """Where MLflow keeps runs and models."""
        return self.mlflow_uri or f"sqlite:///{self.home.resolve() / 'mlflow' / 'mlflow.db'}"


def load(cls: type[S], **given: object) -> S:
    """The settings of a stage from the environment; `given` has the last word.

    Raises `BadSetting` that names every fault at once.
    """
    try:
        return cls(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = "; ".join(
            f"{PREFIX}{'_'.join(map(str, fault['loc'])).upper()}"
            f"={shlex.quote(str(fault['input']))}: {fault['msg']}"
            for fault in error.errors()
        )
        raise BadSetting(f"correct these settings: {faults}") from None
