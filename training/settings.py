"""Settings of training."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field

from contract.events import AlertKind
from contract.schema import CARS, Schema
from contract.settings import Settings, must_match
from training.threshold import Costs

DEFAULT_INTERVAL_LEVEL: Final = 0.9

Estimator = Literal["logistic", "linear", "random_forest", "hist_gradient_boosting"]
"""The built-in estimators."""

FLOW: Final = "training"
"""Name of the Prefect flow."""

ALERT_KINDS: Final = get_args(AlertKind)

WEIGHT: Final = r"(?=[0-9.]*[1-9])[0-9]+(\.[0-9]+)?"
"""Regular expression of a number above 0."""


class TrainingSettings(Settings):
    """The settings `INTENT_*` of training."""

    dataset: Path = Field(
        Path(CARS.dataset), description="CSV file of labelled customers to train on."
    )
    estimator: Annotated[
        str,
        must_match(
            rf"{'|'.join(get_args(Estimator))}|[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*",
            f"{', '.join(get_args(Estimator))}, or package.module:factory",
        ),
    ] = Field(
        "logistic",
        description="Kind of model: `logistic` (classes), `linear` (numbers, and the default for "
        "them), `random_forest`, `hist_gradient_boosting`, or `package.module:factory` of your "
        "own: docs/how-to/your-model.md.",
    )
    class_weight: Annotated[
        str,
        must_match(
            rf"none|balanced|{WEIGHT}(,{WEIGHT})+",
            "none, balanced, or a weight above 0 for each class, comma separated",
        ),
    ] = Field(
        "none",
        description="Weights of the classes while a model is fitted: `none`, `balanced` (inverse "
        "to their frequency), or one number for each class in the schema's order, comma-separated. "
        "Weighted probabilities are calibrated.",
    )
    cost_false_positive: float = Field(
        1,
        description="Cost of a false positive of two classes. With unequal costs, training "
        "chooses the decision threshold.",
        gt=0,
        allow_inf_nan=False,
    )
    cost_false_negative: float = Field(
        1,
        description="Cost of a false negative, in the same unit.",
        gt=0,
        allow_inf_nan=False,
    )
    interval_level: float = Field(
        DEFAULT_INTERVAL_LEVEL,
        description="Level of a numeric target's prediction intervals: the share of outcomes that "
        "are to be inside.",
        gt=0,
        lt=1,
    )
    held_out_ratio: float = Field(
        0.25,
        description="Ratio of rows that are held out to evaluate a model.",
        gt=0,
        lt=1,
    )
    random_state: int = Field(
        20, description="Random seed of split, folds and estimator.", ge=0, lt=2**32
    )
    lookback_hours: float = Field(
        24,
        description="How far back (hours) labelled customers of the stream are used as training "
        "data. 0: only the data set.",
        ge=0,
    )
    lookback_max_rows: int = Field(
        20_000,
        description="Maximum number of labelled customers of the stream to train on. The newest "
        "are used.",
        ge=1,
        le=1_000_000,
    )
    lookback_min_rows: int = Field(
        1_000,
        description="Minimum number of labelled customers of the stream. With fewer, only the "
        "data set is used.",
        ge=100,
    )
    evaluation_rows: int = Field(
        4_000,
        description="Number of labelled customers in the newest window. The gate evaluates on "
        "it, and it becomes the reference set for drift.",
        ge=100,
    )
    gate_confidence: float = Field(
        0.95, description="Confidence level of the gate's one-sided bounds.", gt=0.5, lt=1
    )
    gate_min_improvement: float = Field(
        0.002,
        description="Minimum improvement in log loss of a challenger over the champion, at the "
        "gate's confidence.",
        ge=0,
    )
    gate_max_group_loss: float = Field(
        0.05,
        description="Maximum increase in log loss of a challenger for any category or band of a "
        "feature.",
        ge=0,
    )
    gate_max_calibration_error: float = Field(
        0.02,
        description="Maximum calibration error of a version, beyond what chance explains.",
        ge=0,
        le=1,
    )
    gate_max_row_microseconds: float = Field(
        50, description="Maximum scoring time per row (microseconds) in scikit-learn.", gt=0
    )
    gate_min_skill_ratio: float = Field(
        0.5,
        description="Minimum skill of a challenger (reduction in log loss over the base rate), "
        "as a ratio of the champion's.",
        ge=0,
        le=1,
    )
    gate_min_rank_correlation: float = Field(
        0.2,
        description="Minimum rank correlation between the probabilities of challenger and "
        "champion.",
        ge=-1,
        le=1,
    )
    gate_min_rows: int = Field(
        100,
        description="Minimum number of rows of a group, or of the newest window, for the gate "
        "to evaluate it.",
        ge=10,
    )
    shadow_min_records: int = Field(
        0,
        description="Number of labelled records that a challenger must score in shadow before "
        "it is promoted. 0: it is promoted at once.",
        ge=0,
    )
    prefect_deployment: Annotated[
        str, must_match(r"[^/%&<>]+", "a name without the characters / % & < >")
    ] = Field(
        "retrain",
        description="Name of the Prefect deployment of the training flow.",
    )
    training_cron: Annotated[
        str, must_match(r"\S+( \S+){4}", "five fields separated by blanks, such as '0 3 * * *'")
    ] = Field(
        "0 3 * * *",
        description="Schedule of trainings: a cron expression of five fields, in UTC.",
    )
    training_group: str = Field(
        "training",
        description="Consumer group whose offsets record which retraining requests are done.",
        min_length=1,
    )
    training_port: int = Field(
        8004,
        description="Port of the retraining controller's /metrics, /healthz and /readyz.",
        ge=1,
        le=65535,
    )
    retrain_alert_kinds: Annotated[
        str,
        must_match(
            rf"(({'|'.join(ALERT_KINDS)})(,({'|'.join(ALERT_KINDS)}))*)?",
            f"empty, or of {', '.join(ALERT_KINDS)}, comma separated",
        ),
    ] = Field(
        "target_drift,performance",
        description="Kinds of alerts that trigger a training, comma-separated. Empty: none.",
    )
    retrain_delay: float = Field(
        120,
        description="Delay (seconds) from an alert to its training, in which outcomes of the "
        "drifted records arrive.",
        ge=0,
    )
    retrain_cooldown: float = Field(
        3600,
        description="Minimum time (seconds) from the end of a training to the start of the next "
        "one that an alert or a request triggers.",
        ge=0,
    )
    retrain_max_attempts: int = Field(
        3, description="Maximum number of attempts for a training that fails or is killed.", ge=1
    )
    retrain_retry_delay: float = Field(
        60, description="Delay (seconds) between a failed training and the next attempt.", ge=0
    )
    probation_records: int = Field(
        5_000,
        description="Number of labelled records over which a new champion is compared with the "
        "previous one.",
        ge=1,
    )
    probation_timeout: float = Field(
        86_400,
        description="Time (seconds) after which a probation ends, even with fewer records.",
        gt=0,
    )
    max_accuracy_loss: float = Field(
        0.02,
        description="Maximum loss of accuracy on the same live records: of a challenger against "
        "the champion, and of a new champion against the previous one. With unequal costs, an "
        "error weighs its cost divided by the cheaper one.",
        ge=0,
    )
    rollback_confidence: float = Field(
        0.99,
        description="Confidence, over a whole probation, that a new champion loses more "
        "accuracy than allowed. At it, the new champion is rolled back.",
        gt=0.5,
        lt=1,
    )
    prefect_port: int = Field(
        4200,
        description="Port of the Prefect server that `serve` starts if PREFECT_API_URL is not set.",
        ge=1,
        le=65535,
    )

    def _schema_defaults(self, schema: Schema) -> dict[str, Any]:
        estimator = {"estimator": "linear"} if schema.task.numeric else {}
        return {**super()._schema_defaults(schema), "dataset": Path(schema.dataset), **estimator}

    @property
    def costs(self) -> Costs:
        """Costs of wrong predictions of two classes."""
        return Costs(self.cost_false_positive, self.cost_false_negative)

    @property
    def custom_estimator(self) -> bool:
        """Whether the estimator is not a built-in one."""
        return ":" in self.estimator

    @property
    def retrain_kinds(self) -> frozenset[str]:
        """The kinds of alerts that trigger a training."""
        return frozenset(filter(None, self.retrain_alert_kinds.split(",")))

    @property
    def deployment(self) -> str:
        """Flow and deployment in Prefect's form, `flow/deployment`."""
        return f"{FLOW}/{self.prefect_deployment}"
