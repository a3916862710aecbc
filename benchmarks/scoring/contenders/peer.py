"""What every peer shares: where to read and write, and our model and codec.

Runs in a peer's own environment, with msgspec and NumPy beside the peer. Frameworks that go record
by record get the model as plain arithmetic; scikit-learn would take 2 ms a record.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import codec
from contract.events import CustomerRecord
from contract.schema import CARS
from contract.schema.cars import GENDERS, Prediction
from stream_app.models.compiled import cache
from stream_app.models.compiled.quadratic_logit import AGE_UNIT, SALARY_UNIT, QuadraticLogit

BOOTSTRAP = os.environ["INTENT_KAFKA_BOOTSTRAP"]
CUSTOMERS = os.environ["INTENT_TOPIC_CUSTOMERS"]
PREDICTIONS = os.environ["INTENT_TOPIC_PREDICTIONS"]
GROUP = os.environ["INTENT_SCORER_GROUP"]
NAME = os.environ["INTENT_MODEL_NAME"]


@dataclass(frozen=True)
class Place:
    """Where a record stands, and the present time in ms."""

    partition: int
    offset: int
    now: int


class PeerModel:
    """The champion's compiled form."""

    def __init__(self) -> None:
        form = cache.load_compiled(Path(os.environ["BENCH_FORM"]))
        if not isinstance(form, QuadraticLogit):
            raise TypeError("the peers are measured with a champion of the kind `logistic`")
        self._form = form
        self._coefficients: list[list[float]] = form.coefficients.tolist()

    def probabilities(self, records: Sequence[CustomerRecord]) -> list[float]:
        """Of a batch, at once."""
        found: list[float] = self._form.probabilities(CARS.encoder.to_arrays(records)).tolist()
        return found

    def probability(self, record: Any) -> float:
        """Of one record, the same arithmetic without NumPy."""
        one, a, s, aa, as_, ss = self._coefficients[GENDERS.index(record.gender)]
        age, salary = record.age / AGE_UNIT, record.annual_salary / SALARY_UNIT
        odds = one + age * (a + aa * age + as_ * salary) + salary * (s + ss * salary)
        small = math.exp(-abs(odds))
        return (1.0 if odds >= 0 else small) / (1.0 + small)


def encoded(record: CustomerRecord, probability: float, place: Place) -> bytes:
    """The prediction of a record, as our scorer writes it."""
    return codec.encode(
        Prediction(
            record.id or f"{CUSTOMERS}-{place.partition}-{place.offset}",
            1 if probability > 0.5 else 0,
            probability,
            NAME,
            "1",
            record.event_time or place.now,
            place.now,
            place.partition,
            place.offset,
        )
    )


def score_one(model: PeerModel, value: bytes, place: Place) -> bytes:
    """One record's value -> its prediction's."""
    record = CARS.codec.decode_customer(value)
    return encoded(record, model.probability(record), place)


def score_batch(model: PeerModel, values: Sequence[bytes], places: Sequence[Any]) -> list[bytes]:
    """Values of a batch -> those of its predictions, in order."""
    records = CARS.codec.decode_customers(values).events
    rows = zip(records, model.probabilities(records), places, strict=True)
    return [encoded(record, probability, place) for record, probability, place in rows]
