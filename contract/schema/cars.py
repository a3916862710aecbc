"""The default schema: who buys a car. Its events are written out, for editors and type checkers."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, get_args

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from contract.scalars import EventId, Milliseconds, Probability
from contract.schema.columns import Column, Target
from contract.schema.events import EventTypes
from contract.schema.features import FeatureEncoder
from contract.schema.schema import Schema

Gender = Literal["Female", "Male"]
"""The categories of the original data set; anything else is a dead letter."""

GENDERS: Final[tuple[str, ...]] = get_args(Gender)
_CODES: Final = {gender: code for code, gender in enumerate(GENDERS)}

Age = Annotated[float, Meta(ge=0, le=150, description="Age in years.")]
AnnualSalary = Annotated[
    float, Meta(ge=0, le=1e9, description="Annual salary, in the data set's currency.")
]


class CustomerRecord(
    Struct,
    frozen=True,
    gc=False,
    omit_defaults=True,
    rename={"gender": "Gender", "age": "Age", "annual_salary": "AnnualSalary"},
):
    """A customer, as anybody may publish it to `customers`; further fields are ignored.

    Without an `id`, the record's is made from its topic, partition and offset; without an
    `event_time`, the Kafka message's timestamp is the event time.
    """

    gender: Gender
    age: Age
    annual_salary: AnnualSalary
    id: EventId | None = None
    event_time: Milliseconds | None = None


class Prediction(Struct, frozen=True, gc=False):
    """The champion's prediction for one customer record; the message keeps its key and headers.

    `prediction` is 1 if a purchase is predicted; `probability` is that of a purchase.
    `partition` and `offset` are those of the record in `customers`.
    """

    id: EventId
    prediction: Literal[0, 1]
    probability: Probability
    model: str
    model_version: str
    event_time: Milliseconds
    scored_at: Milliseconds
    partition: int
    offset: int


class Outcome(Struct, frozen=True, gc=False, rename={"actual": "Purchased"}):
    """The ground truth: what the customer did, known some time after. Joined on `id`."""

    id: EventId
    actual: Literal[0, 1]


class CarArrays(NamedTuple):
    """The features of n records, arrays of shape (n,).

    Attributes:
        gender: Indices in `GENDERS`.
        age: Years.
        annual_salary: In the data set's currency.
    """

    gender: NDArray[np.intp]
    age: NDArray[np.float64]
    annual_salary: NDArray[np.float64]


def to_arrays(records: Sequence[CustomerRecord]) -> CarArrays:
    """The features of the records. Takes 0.05 us per record less than reading any schema's."""
    return CarArrays(
        np.array([_CODES[record.gender] for record in records], dtype=np.intp),
        np.array([record.age for record in records], dtype=np.float64),
        np.array([record.annual_salary for record in records], dtype=np.float64),
    )


class _CarSchema(Schema, frozen=True, dict=True):
    """The schema whose events are those of this module."""

    @cached_property
    def events(self) -> EventTypes:
        return EventTypes(CustomerRecord, Prediction, Outcome)

    @cached_property
    def encoder(self) -> FeatureEncoder:
        return FeatureEncoder(self.columns, CustomerRecord, to_arrays)


CARS: Final[Schema] = _CarSchema(
    name="car-purchase",
    dataset=str(Path(__file__).parents[2] / "data" / "car_data.csv"),
    id="User ID",
    columns=(
        Column("Gender", categories=GENDERS),
        Column("Age", range=(0, 150), unit="years", description="Age in years."),
        Column(
            "AnnualSalary",
            range=(0, 1e9),
            description="Annual salary, in the data set's currency.",
        ),
    ),
    target=Target("Purchased", classes=(0, 1), labels=("No", "Yes")),
)
"""The schema of everything unless INTENT_SCHEMA_FILE names another."""
