"""What the simulator is told from outside."""

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


class ProducerSettings(Settings):
    """Settings of the simulator and of the replay."""

    simulator_port: int = Field(
        8003, description="Port of the simulator's /metrics.", ge=1, le=65535
    )
    dataset: Path = Field(
        Path(CARS.dataset),
        description="Data set that a replay publishes, and from which the simulator of a table of "
        "your own draws.",
    )
    records: int = Field(0, description="Records to publish, then exit; 0 is without end.", ge=0)
    rate: float = Field(
        1_000, description="Records a second; 0 is as fast as the broker takes them.", ge=0
    )
    burst_interval: float = Field(0, description="Seconds between bursts; 0 is none.", ge=0)
    burst_duration: float = Field(1, description="Length of a burst.", gt=0)
    burst_factor: float = Field(5, description="Rate in a burst, as a multiple.", ge=1)
    seed: int = Field(1, description="Seed of everything that is random.", ge=0)
    invalid_ratio: float = Field(
        0.001, description="Share of records that do not fit the contract.", ge=0, le=1
    )
    features_only: bool = Field(
        False, description="Publish the features alone: no id, no key, and so no outcomes."
    )
    outcome_delay: float = Field(
        5, description="Mean seconds from a record to its outcome; they are exponential.", ge=0
    )
    drift_start: float = Field(
        0, description="Seconds after which the population drifts; 0 is never.", ge=0
    )
    drift_ramp: float = Field(
        0, description="Seconds that the drift takes to be complete; 0 is sudden.", ge=0
    )
    drift_end: float = Field(
        0, description="Seconds after which the population is again as it was; 0 is never.", ge=0
    )
    drift_age_shift: float = Field(
        8,
        description="Years that the drift adds to everybody's age.",
        ge=-45,
        le=87,  # nobody is older than the contract allows
    )
    drift_salary_factor: float = Field(
        1.2, description="Factor that it puts on salaries.", gt=0, le=1_000
    )
    drift_male_ratio: float = Field(0.5, description="Share of men after it.", ge=0, le=1)
    drift_concept_shift: float = Field(
        0, description="Log-odds that it takes off everybody's wish to buy: target drift."
    )
    drift_column: str = Field(
        "",
        description="Of a table of your own: the column in which it drifts, by more rows above its "
        "median, or of its last category. Its first number if not told.",
    )
    drift_column_weight: float = Field(
        5, description="How many times as often those rows are drawn after it.", gt=0, le=1_000
    )
    label_noise_start: float = Field(
        0,
        description="Seconds after which outcomes say the opposite of what customers did, or of "
        "several classes the next one; 0 is never.",
        ge=0,
    )
    label_noise_end: float = Field(
        0, description="Seconds after which they tell the truth again; 0 is never.", ge=0
    )
    label_noise_ratio: float = Field(1, description="Share of them that lie.", ge=0, le=1)

    def _schema_defaults(self, schema: Schema) -> dict[str, Any]:
        return {
            **super()._schema_defaults(schema),
            "dataset": Path(schema.dataset),
            "drift_column": (*schema.numerical, *schema.features)[0],
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
        if schema != CARS and self.drift_column not in schema.features:
            raise ValueError(f"INTENT_DRIFT_COLUMN must be one of {', '.join(schema.features)}")
        return self
