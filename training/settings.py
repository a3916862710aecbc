"""What training is told from outside."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from contract.settings import Settings
from data.dataset import DEFAULT

Estimator = Literal["logistic", "random_forest", "hist_gradient_boosting"]


class TrainingSettings(Settings):
    """Settings of training."""

    dataset: Path = Field(DEFAULT, description="CSV file of labelled customers to train on.")
    estimator: Estimator = Field("logistic", description="Kind of model.")
    held_out_share: float = Field(
        0.25,
        description="Share of the rows that a model is scored on, not fitted.",
        gt=0,
        lt=1,
    )
    random_state: int = Field(
        20, description="Seed of the split, the folds and the estimator.", ge=0, lt=2**32
    )
    deployment_name: str = Field(
        "retrain",
        description="Name of the Prefect deployment that trains again.",
        pattern=r"^[^/%&<>]+$",
    )
    training_cron: str = Field(
        "0 3 * * *",
        description="When the deployment trains again: a cron expression of five fields, in UTC.",
        pattern=r"^\S+( \S+){4}$",
    )
    prefect_port: int = Field(
        4200,
        description="Port of the Prefect server that `serve` starts without a PREFECT_API_URL.",
        ge=1,
        le=65535,
    )

    @property
    def registry_is_new(self) -> bool:
        """Whether the registry is ours, and yet to be made: there is no need to ask it."""
        return not self.mlflow_uri and not (self.home / "mlflow" / "mlflow.db").exists()
