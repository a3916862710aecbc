"""Messages, limits and models for tests without a broker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from confluent_kafka import Message as KafkaMessage
from numpy.typing import NDArray

from contract.schema import CARS, Schema
from contract.schema.task import DecisionRule
from stream_app.scoring.message import Message, MessageLimits
from tests.support.records import MINIMAL_RECORD

LIMITS = MessageLimits(predictions=1_000_000, dead_letters=1_000_000)


NOW = 1_800_000_000_000


@dataclass(frozen=True)
class AgeModel:
    """Scores a customer's age over 100."""

    name: str = "car-purchase"
    version: str = "7"
    schema: Schema = CARS
    threshold: float = 0.5

    @property
    def rule(self) -> DecisionRule:
        return DecisionRule(self.threshold)

    def outputs(self, records: Sequence[Any]) -> NDArray[np.float64]:
        return np.array([record.age / 100 for record in records])


def a_message(value: bytes | None = MINIMAL_RECORD, **changes: Any) -> Message:
    fields = {
        "topic": "customers",
        "partition": 2,
        "offset": 40,
        "timestamp": (1, 1_700),
        **changes,
    }
    return cast(Message, KafkaMessage(value=value, **fields))


@dataclass(frozen=True)
class StubModel:
    """A version 8 with given probabilities, or that raises a given exception."""

    output: Any
    name: str = "car-purchase"
    version: str = "8"
    schema: Schema = CARS
    threshold: float = 0.5

    @property
    def rule(self) -> DecisionRule:
        return DecisionRule(self.threshold)

    def outputs(self, records: Sequence[Any]) -> NDArray[np.float64]:
        if isinstance(self.output, Exception):
            raise self.output
        return np.array(self.output[: len(records)])
