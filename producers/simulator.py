"""Simulates records, some of them invalid, with outcomes, some of them wrong. Pure and seeded."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from contract import codec
from contract.events import CustomerRecord
from contract.schema import Schema
from data.population import Floats
from producers.schedule import DriftSchedule

Corruption = Callable[[bytes], bytes | None]
"""A way to make a record's value invalid."""


class SimulatedRecord(NamedTuple):
    """A record to publish, and its later outcome.

    Attributes:
        key: Key of the message.
        value: Value of the message.
        valid: Whether the value matches the schema.
        outcome: Value of the outcome's message; None without an outcome.
        outcome_delay: Seconds from the record to its outcome.
    """

    key: bytes | None
    value: bytes | None
    valid: bool
    outcome: bytes | None
    outcome_delay: float


@dataclass(frozen=True, slots=True)
class SimulationConfig:
    """Parameters of a simulation.

    Attributes:
        run: Part of every id, so that two runs share no ids.
        seed: Random seed. The same seed, run and due times give the same bytes.
        drift: When the distribution of the records drifts.
        label_noise: When outcomes are wrong: the other class of two, or the next one of several.
            Numbers have none.
        label_noise_ratio: Ratio of outcomes that are wrong then.
        invalid_ratio: Ratio of records that do not match the schema.
        features_only: Leave out id and key; there are no outcomes then.
        outcome_delay: Mean seconds from a record to its outcome.
    """

    run: str
    seed: int = 1
    drift: DriftSchedule = DriftSchedule()  # noqa: RUF009  frozen
    label_noise: DriftSchedule = DriftSchedule()  # noqa: RUF009  frozen
    label_noise_ratio: float = 0.0
    invalid_ratio: float = 0.0
    features_only: bool = False
    outcome_delay: float = 5.0


class Simulator(ABC):
    """Draws records one after the other. The n-th does not depend on the batch size.

    Args:
        config: Parameters.
        schema: Schema of the records.
        random: Generator, from which a subclass has spawned those of its records already.
        corruptions: Ways to make a record invalid.
    """

    def __init__(
        self,
        config: SimulationConfig,
        schema: Schema,
        random: Generator,
        corruptions: Sequence[Corruption],
    ) -> None:
        self._config = config
        self._schema = schema
        self._corruptions = corruptions
        self._delays, self._invalid, self._corruption, self._label_noise = random.spawn(4)
        self._next_number = 0

    def draw(self, due: Floats) -> list[SimulatedRecord]:
        """Returns the next records, each drawn with the drift at its due time (seconds)."""
        config, count = self._config, len(due)
        first, self._next_number = self._next_number, self._next_number + count
        ids: list[str | None] = [None] * count
        if not config.features_only:
            ids = [f"sim-{config.run}-{number}" for number in range(first, first + count)]
        records, outcomes = self._sample(config.drift.fraction(due), ids)
        delays = self._delays.exponential(config.outcome_delay, count)
        noise_ratio = config.label_noise_ratio * config.label_noise.fraction(due)
        is_wrong = self._label_noise.random(count) < noise_ratio
        actual = self._with_noise(outcomes, is_wrong)
        is_invalid = self._invalid.random(count) < config.invalid_ratio
        corruption = self._corruption.random(count) * len(self._corruptions)
        corruption = np.where(is_invalid, corruption.astype(int), -1)
        columns = (actual.tolist(), corruption.tolist(), delays.tolist())
        return [self._simulated(*row) for row in zip(records, *columns, strict=True)]

    @abstractmethod
    def _sample(
        self, drift: Floats, ids: Sequence[str | None]
    ) -> tuple[Sequence[CustomerRecord], NDArray[Any]]:
        """Draws a record and its outcome at each progress of the drift (0 to 1).

        Outcomes are indices of classes, or numbers.
        """

    def _with_noise(self, outcomes: NDArray[Any], is_wrong: NDArray[np.bool_]) -> NDArray[Any]:
        """The outcomes as values; wrong ones are of another class."""
        if self._schema.task.numeric:
            return outcomes
        classes = self._schema.classes
        return classes.decode((outcomes + is_wrong) % len(classes))

    def _simulated(
        self, record: CustomerRecord, actual: Any, corruption: int, delay: float
    ) -> SimulatedRecord:
        key = record.id.encode() if record.id else None
        value = codec.encode(record)
        if corruption >= 0:
            return SimulatedRecord(key, self._corruptions[corruption](value), False, None, 0.0)
        if record.id is None:
            return SimulatedRecord(key, value, True, None, delay)
        schema = self._schema
        outcome = schema.events.outcome(id=record.id, actual=actual)
        return SimulatedRecord(key, value, True, codec.encode(outcome), delay)
