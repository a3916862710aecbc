"""What training is told from outside."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field

from contract.events import AlertKind
from contract.schema import CARS, Schema
from contract.settings import Settings, must_match

Estimator = Literal["logistic", "random_forest", "hist_gradient_boosting"]

FLOW: Final = "training"
"""Name of the Prefect flow."""

KINDS: Final = get_args(AlertKind)


class TrainingSettings(Settings):
    """Settings of training."""

    dataset: Path = Field(
        Path(CARS.dataset), description="CSV file of labelled customers to train on."
    )
    estimator: Estimator = Field("logistic", description="Kind of model.")
    held_out_ratio: float = Field(
        0.25,
        description="Share of the rows that a model is scored on, not fitted.",
        gt=0,
        lt=1,
    )
    random_state: int = Field(
        20, description="Seed of the split, the folds and the estimator.", ge=0, lt=2**32
    )
    lookback_hours: float = Field(
        24,
        description="Hours back that labelled customers of the stream are learnt from; 0 is none.",
        ge=0,
    )
    lookback_max_rows: int = Field(
        20_000,
        description="Newest labelled customers of the stream that are learnt from at most.",
        ge=1,
        le=1_000_000,
    )
    lookback_min_rows: int = Field(
        1_000,
        description="With fewer of them the data set alone is learnt from.",
        ge=100,
    )
    evaluation_rows: int = Field(
        4_000,
        description="Labelled customers that are the newest window: the gate judges on it, and "
        "drift is measured against it.",
        ge=100,
    )
    gate_confidence: float = Field(
        0.95, description="Confidence of the gate's one-sided bounds.", gt=0.5, lt=1
    )
    gate_min_improvement: float = Field(
        0.002, description="Log loss that a challenger must surely be better by.", ge=0
    )
    gate_max_group_loss: float = Field(
        0.05,
        description="Log loss that a challenger may be worse by, for any category or band.",
        ge=0,
    )
    gate_max_calibration_error: float = Field(
        0.02,
        description="Calibration error that a version may have beyond what chance makes.",
        ge=0,
        le=1,
    )
    gate_max_row_microseconds: float = Field(
        50, description="Microseconds that a row may take in scikit-learn.", gt=0
    )
    gate_min_skill_ratio: float = Field(
        0.5,
        description="Share of the champion's skill (log loss saved) that a challenger must have.",
        ge=0,
        le=1,
    )
    gate_min_rank_correlation: float = Field(
        0.2,
        description="Least rank correlation of a challenger's probabilities with the champion's.",
        ge=-1,
        le=1,
    )
    gate_min_rows: int = Field(
        100, description="With fewer rows a group or the newest window is not judged.", ge=10
    )
    shadow_min_records: int = Field(
        0,
        description="Labelled records that a challenger must score in the champion's shadow before "
        "it takes over; 0 is at once.",
        ge=0,
    )
    prefect_deployment: Annotated[
        str, must_match(r"[^/%&<>]+", "a name without any of the characters / % & < >")
    ] = Field(
        "retrain",
        description="Name of the Prefect deployment that trains again.",
    )
    training_cron: Annotated[
        str,
        must_match(r"\S+( \S+){4}", "five fields with a blank between them, such as '0 3 * * *'"),
    ] = Field(
        "0 3 * * *",
        description="When the deployment trains again: a cron expression of five fields, in UTC.",
    )
    training_group: str = Field(
        "training",
        description="Consumer group that keeps which requests for a training are done with.",
        min_length=1,
    )
    training_port: int = Field(8004, description="Port of `serve`'s /metrics.", ge=1, le=65535)
    retrain_alert_kinds: Annotated[
        str,
        must_match(
            rf"(({'|'.join(KINDS)})(,({'|'.join(KINDS)}))*)?",
            f"empty, or of {', '.join(KINDS)}, comma separated",
        ),
    ] = Field(
        "target_drift,performance",
        description="Kinds of alerts that start a training, comma separated; none if empty.",
    )
    retrain_delay: float = Field(
        120,
        description="Seconds from an alert to its training, in which outcomes come of what has "
        "changed: without them there is nothing to learn.",
        ge=0,
    )
    retrain_cooldown: float = Field(
        3600,
        description="Seconds between the end of a training and the start of one that an alert or "
        "a person asks for.",
        ge=0,
    )
    retrain_max_attempts: int = Field(
        3, description="Times that a training which fails or is killed is tried.", ge=1
    )
    retrain_retry_delay: float = Field(
        60, description="Seconds between a training that failed and the next attempt.", ge=0
    )
    probation_records: int = Field(
        5_000,
        description="Records with an outcome on which a new champion is compared with the old one.",
        ge=1,
    )
    probation_timeout: float = Field(
        86_400, description="Seconds after which that ends, if so many do not come.", gt=0
    )
    max_accuracy_loss: float = Field(
        0.02,
        description="Accuracy on the same live records that a challenger may lack of the "
        "champion's, and a new champion of the old one's.",
        ge=0,
        le=1,
    )
    rollback_confidence: float = Field(
        0.99,
        description="How sure it must be, in a whole probation, that a new champion lacks more.",
        gt=0.5,
        lt=1,
    )
    prefect_port: int = Field(
        4200,
        description="Port of the Prefect server that `serve` starts without a PREFECT_API_URL.",
        ge=1,
        le=65535,
    )

    def _schema_defaults(self, schema: Schema) -> dict[str, Any]:
        return {**super()._schema_defaults(schema), "dataset": Path(schema.dataset)}

    @property
    def retrain_kinds(self) -> frozenset[str]:
        """The kinds of alerts that start a training."""
        return frozenset(filter(None, self.retrain_alert_kinds.split(",")))

    @property
    def deployment(self) -> str:
        """Flow and deployment, as Prefect names them."""
        return f"{FLOW}/{self.prefect_deployment}"
