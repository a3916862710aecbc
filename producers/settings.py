"""Settings of the simulator and of replays: INTENT_* variables, settings file, flags."""

from pathlib import Path
from typing import Any, Final, Self

from pydantic import Field, model_validator

from contract.schema import CARS, Schema
from contract.settings import Settings, env_variable, schema_of

OF_CARS: Final = (
    "drift_age_shift",
    "drift_salary_factor",
    "drift_male_ratio",
    "drift_concept_shift",
)
OF_OTHERS: Final = ("drift_column", "drift_column_weight")

OPTIONS: Final = (
    "dataset", "records", "rate", "burst_interval", "burst_duration", "burst_factor", "seed",
    "invalid_ratio", "outcome_delay", "drift_start", "drift_ramp", "drift_end", "drift_age_shift",
    "drift_salary_factor", "drift_male_ratio", "drift_concept_shift", "drift_column",
    "drift_column_weight", "label_noise_start", "label_noise_end", "label_noise_ratio",
)  # fmt: skip
"""Settings that are options of `intent simulate`, besides `features_only`."""


class ProducerSettings(Settings):
    """Settings of the simulator and of the replay."""

    simulator_port: int = Field(
        8003, description="Port of the simulator's /metrics, /healthz and /readyz.", ge=1, le=65535
    )
    dataset: Path = Field(
        Path(CARS.dataset),
        description="CSV file of labelled rows that a replay publishes. With a schema file, the "
        "simulator draws its records from it.",
    )
    records: int = Field(
        0, description="Number of records to publish before the process exits. 0: no limit.", ge=0
    )
    rate: float = Field(
        1_000, description="Records per second. 0: as fast as the broker accepts them.", ge=0
    )
    burst_interval: float = Field(
        0, description="Interval (seconds) between the starts of bursts. 0: no bursts.", ge=0
    )
    burst_duration: float = Field(
        1, description="Length (seconds) of a burst, at the end of each interval.", gt=0
    )
    burst_factor: float = Field(
        5, description="Rate during a burst, as a multiple of INTENT_RATE.", ge=1
    )
    seed: int = Field(1, description="Seed of the random generators.", ge=0)
    invalid_ratio: float = Field(
        0.001, description="Ratio of records that do not match the schema.", ge=0, le=1
    )
    features_only: bool = Field(
        False, description="Publish records without id and key. They get no outcomes."
    )
    outcome_delay: float = Field(
        5,
        description="Mean delay (seconds) from a record to its outcome. Delays are distributed "
        "exponentially.",
        ge=0,
    )
    drift_start: float = Field(
        0, description="Time (seconds) from the start at which drift begins. 0: no drift.", ge=0
    )
    drift_ramp: float = Field(
        0,
        description="Time (seconds) from the start of drift until it is complete. 0: sudden drift.",
        ge=0,
    )
    drift_end: float = Field(
        0,
        description="Time (seconds) from the start at which drift ends. 0: it does not end.",
        ge=0,
    )
    drift_age_shift: float = Field(
        8,
        description="Years that drift adds to every customer's age. Only for the cars.",
        ge=-45,
        le=87,  # nobody is older than the contract allows
    )
    drift_salary_factor: float = Field(
        1.2,
        description="Factor by which drift multiplies every customer's salary. Only for the cars.",
        gt=0,
        le=1_000,
    )
    drift_male_ratio: float = Field(
        0.5, description="Ratio of men after drift. Only for the cars.", ge=0, le=1
    )
    drift_concept_shift: float = Field(
        0,
        description="Amount that drift subtracts from the log-odds of a purchase: concept "
        "drift, the features do not change. Only for the cars.",
    )
    drift_column: str = Field(
        "",
        description="Column that drifts: rows above its median, or with its last category, are "
        "drawn more often. Only with a schema file. Default: its first numerical "
        "column.",
    )
    drift_column_weight: float = Field(
        5,
        description="Factor by which such rows are drawn more often after drift. Only with a "
        "schema file.",
        gt=0,
        le=1_000,
    )
    label_noise_start: float = Field(
        0,
        description="Time (seconds) from the start at which outcomes begin to be wrong: the "
        "other class of two, or the next one of several. 0: never.",
        ge=0,
    )
    label_noise_end: float = Field(
        0,
        description="Time (seconds) from the start at which outcomes are correct again. 0: never.",
        ge=0,
    )
    label_noise_ratio: float = Field(
        1, description="Ratio of outcomes that are wrong in between.", ge=0, le=1
    )

    def _schema_defaults(self, schema: Schema) -> dict[str, Any]:
        return {
            **super()._schema_defaults(schema),
            "dataset": Path(schema.dataset),
            "drift_column": min(schema.columns, key=lambda each: not each.numerical).name,
        }

    @model_validator(mode="after")
    def _fit_schema(self) -> Self:
        fields = ProducerSettings.model_fields
        schema = schema_of(self)
        unused = OF_OTHERS if schema == CARS else OF_CARS
        given = [
            env_variable(name) for name in unused if getattr(self, name) != fields[name].default
        ]
        if given:
            of = "schema files" if schema == CARS else "the cars"
            raise ValueError(f"{', '.join(given)}: only for {of}; unset it")
        if schema.task.numeric and self.label_noise_start:
            raise ValueError(
                f"INTENT_LABEL_NOISE_START: {schema.target.name} is a number, and only classes can "
                "be wrong; unset it"
            )
        columns = [column.name for column in schema.columns]
        if schema != CARS and self.drift_column not in columns:
            raise ValueError(f"INTENT_DRIFT_COLUMN must be one of {', '.join(columns)}")
        return self
