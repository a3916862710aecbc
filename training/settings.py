"""Settings of training."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field

from contract.events import AlertKind
from contract.schema import CARS, Schema
from contract.settings import Settings, must_match

Estimator = Literal["logistic", "random_forest", "hist_gradient_boosting"]

FLOW: Final = "training"
"""Name of the Prefect flow."""

ALERT_KINDS: Final = get_args(AlertKind)


class TrainingSettings(Settings):
    """The settings `INTENT_*` of training."""

    dataset: Path = Field(
        Path(CARS.dataset), description="CSV file of labelled customers to train on."
    )
    estimator: Estimator = Field("logistic", description="Kind of model to train.")
    held_out_ratio: float = Field(
        0.25,
        description="Share of the rows that are held out for scoring.",
        gt=0,
        lt=1,
    )
    random_state: int = Field(
        20, description="Seed of the split, the folds and the estimator.", ge=0, lt=2**32
    )
    lookback_hours: float = Field(
        24,
        description="Hours of the stream's labelled customers to train on; 0 is only the data set.",
        ge=0,
    )
    lookback_max_rows: int = Field(
        20_000,
        description="Maximum number of the stream's labelled customers to train on, the newest.",
        ge=1,
        le=1_000_000,
    )
    lookback_min_rows: int = Field(
        1_000,
        description="With fewer labelled customers in the stream, only the data set is used.",
        ge=100,
    )
    evaluation_rows: int = Field(
        4_000,
        description="Labelled customers in the newest window, on which the gate compares models "
        "and against which drift is measured.",
        ge=100,
    )
    gate_confidence: float = Field(
        0.95, description="Confidence of the gate's one-sided bounds.", gt=0.5, lt=1
    )
    gate_min_improvement: float = Field(
        0.002,
        description="Minimum improvement in log loss of a new version, at that confidence.",
        ge=0,
    )
    gate_max_group_loss: float = Field(
        0.05,
        description="Maximum increase in log loss of a new version, for any category or band.",
        ge=0,
    )
    gate_max_calibration_error: float = Field(
        0.02,
        description="Maximum calibration error beyond that of calibrated probabilities.",
        ge=0,
        le=1,
    )
    gate_max_row_microseconds: float = Field(
        50, description="Maximum prediction time per row in scikit-learn, in microseconds.", gt=0
    )
    gate_min_skill_ratio: float = Field(
        0.5,
        description="Minimum skill (log loss saved) relative to the champion's.",
        ge=0,
        le=1,
    )
    gate_min_rank_correlation: float = Field(
        0.2,
        description="Minimum rank correlation with the champion's probabilities.",
        ge=-1,
        le=1,
    )
    gate_min_rows: int = Field(
        100, description="Minimum number of rows to check a group or the newest window.", ge=10
    )
    shadow_min_records: int = Field(
        0,
        description="Labelled records that a new version must score in the champion's shadow "
        "before its promotion; 0 promotes it at once.",
        ge=0,
    )
    prefect_deployment: Annotated[
        str, must_match(r"[^/%&<>]+", "a name without the characters / % & < >")
    ] = Field(
        "retrain",
        description="Name of the Prefect deployment that retrains.",
    )
    training_cron: Annotated[
        str, must_match(r"\S+( \S+){4}", "five fields separated by blanks, such as '0 3 * * *'")
    ] = Field(
        "0 3 * * *",
        description="Schedule of retraining: a cron expression of five fields, in UTC.",
    )
    training_group: str = Field(
        "training",
        description="Consumer group for alerts and retraining requests.",
        min_length=1,
    )
    training_port: int = Field(
        8004, description="Port of /metrics of `intent train --serve`.", ge=1, le=65535
    )
    retrain_alert_kinds: Annotated[
        str,
        must_match(
            rf"(({'|'.join(ALERT_KINDS)})(,({'|'.join(ALERT_KINDS)}))*)?",
            f"empty, or of {', '.join(ALERT_KINDS)}, comma separated",
        ),
    ] = Field(
        "target_drift,performance",
        description="Kinds of alerts that trigger a training, comma separated; empty for none.",
    )
    retrain_delay: float = Field(
        120,
        description="Seconds from an alert to its training, so that outcomes of the changed data "
        "arrive first.",
        ge=0,
    )
    retrain_cooldown: float = Field(
        3600,
        description="Minimum seconds between the end of a training and the start of the next "
        "requested one.",
        ge=0,
    )
    retrain_max_attempts: int = Field(
        3, description="Maximum attempts of a training that fails or is killed.", ge=1
    )
    retrain_retry_delay: float = Field(
        60, description="Seconds between a failed training and its next attempt.", ge=0
    )
    probation_records: int = Field(
        5_000,
        description="Labelled records of a new champion's probation beside the previous one.",
        ge=1,
    )
    probation_timeout: float = Field(
        86_400, description="Seconds after which a probation ends with fewer records.", gt=0
    )
    max_accuracy_loss: float = Field(
        0.02,
        description="Maximum accuracy loss on the same live records: of a challenger against the "
        "champion, and of a new champion against the previous one.",
        ge=0,
        le=1,
    )
    rollback_confidence: float = Field(
        0.99,
        description="Confidence, over a whole probation, of a larger loss before a rollback.",
        gt=0.5,
        lt=1,
    )
    prefect_port: int = Field(
        4200,
        description="Port of the Prefect server that is started if PREFECT_API_URL is not set.",
        ge=1,
        le=65535,
    )

    def _schema_defaults(self, schema: Schema) -> dict[str, Any]:
        return {**super()._schema_defaults(schema), "dataset": Path(schema.dataset)}

    @property
    def retrain_kinds(self) -> frozenset[str]:
        """The kinds of alerts that trigger a training."""
        return frozenset(filter(None, self.retrain_alert_kinds.split(",")))

    @property
    def deployment(self) -> str:
        """Flow and deployment in Prefect's form, `flow/deployment`."""
        return f"{FLOW}/{self.prefect_deployment}"
