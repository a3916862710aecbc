"""Shared by the peers: topics, model and codec.

Runs in a peer's own environment, with msgspec and NumPy beside the peer. Frameworks that process
single records get the model as plain arithmetic; scikit-learn would take 2 ms per record.
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
    """Position of a record, and the current time in ms."""

    partition: int
    offset: int
    now: int


class PeerModel:
    """The compiled champion."""

    def __init__(self) -> None:
        compiled = cache.load_compiled(Path(os.environ["BENCH_COMPILED_MODEL"]))
        if not isinstance(compiled, QuadraticLogit):
            raise TypeError("the peers are measured with a champion of the kind `logistic`")
        self._compiled = compiled
        self._coefficients: list[list[float]] = compiled.coefficients.tolist()

    def outputs(self, records: Sequence[CustomerRecord]) -> list[float]:
        """Probabilities of a batch."""
        probabilities: list[float] = self._compiled.outputs(
            CARS.encoder.to_arrays(records)
        ).tolist()
        return probabilities

    def probability(self, record: Any) -> float:
        """Probability of one record, with the same arithmetic without NumPy."""
        one, a, s, aa, as_, ss = self._coefficients[GENDERS.index(record.gender)]
        age, salary = record.age / AGE_UNIT, record.annual_salary / SALARY_UNIT
        odds = one + age * (a + aa * age + as_ * salary) + salary * (s + ss * salary)
        small = math.exp(-abs(odds))
        return (1.0 if odds >= 0 else small) / (1.0 + small)


def encode_prediction(record: CustomerRecord, probability: float, place: Place) -> bytes:
    """Encodes a prediction as the scorer does."""
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
    """The value of a prediction for the value of a record."""
    record = CARS.codec.decode_customer(value)
    return encode_prediction(record, model.probability(record), place)


def score_batch(model: PeerModel, values: Sequence[bytes], places: Sequence[Any]) -> list[bytes]:
    """The values of predictions for the values of a batch, in order."""
    records = CARS.codec.decode_customers(values).events
    rows = zip(records, model.outputs(records), places, strict=True)
    return [encode_prediction(record, probability, place) for record, probability, place in rows]
