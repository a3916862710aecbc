"""Simulates customers of the cars schema, some of them invalid, with outcomes. Pure and seeded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from contract import codec
from contract.schema.cars import CustomerRecord, Outcome
from data.population import DATA_SET, Floats, Population, RandomStreams
from producers.schedule import DriftSchedule


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
class Scenario:
    """Parameters of a simulation.

    Attributes:
        run: Part of every id, so that two runs share no ids.
        seed: Random seed. The same seed, run and due times give the same bytes.
        drifted: Population after the drift.
        drift: When the population drifts.
        label_noise: When outcomes are flipped.
        label_noise_ratio: Ratio of outcomes that are flipped then.
        invalid_ratio: Ratio of records that do not match the schema.
        features_only: Leave out id and key; there are no outcomes then.
        outcome_delay: Mean seconds from a record to its outcome.
    """

    run: str
    seed: int = 1
    drifted: Population = DATA_SET
    drift: DriftSchedule = DriftSchedule()  # noqa: RUF009  frozen
    label_noise: DriftSchedule = DriftSchedule()  # noqa: RUF009  frozen
    label_noise_ratio: float = 0.0
    invalid_ratio: float = 0.0
    features_only: bool = False
    outcome_delay: float = 5.0


class CustomerSimulator:
    """Draws customers one after the other. The n-th does not depend on the batch size."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        random = np.random.default_rng(scenario.seed)
        self._customer_random = RandomStreams.spawn(random)
        self._delays, self._invalid, self._corruptions, self._label_noise = random.spawn(4)
        self._next_number = 0

    def draw(self, due: Floats) -> list[SimulatedRecord]:
        """Returns the next records, each from the population at its due time (seconds)."""
        scenario, count = self._scenario, len(due)
        population = DATA_SET.interpolate(scenario.drifted, scenario.drift.fraction(due))
        sample = population.sample(count, self._customer_random)
        delays = self._delays.exponential(scenario.outcome_delay, count)
        noise_ratio = scenario.label_noise_ratio * scenario.label_noise.fraction(due)
        is_flipped = self._label_noise.random(count) < noise_ratio
        actual = np.where(is_flipped, 1 - sample.purchased, sample.purchased)
        is_invalid = self._invalid.random(count) < scenario.invalid_ratio
        corruption = (self._corruptions.random(count) * len(CORRUPTIONS)).astype(int)
        corruption = np.where(is_invalid, corruption, -1)
        first, self._next_number = self._next_number, self._next_number + count
        ids: list[str | None] = [None] * count
        if not scenario.features_only:
            ids = [f"sim-{scenario.run}-{number}" for number in range(first, first + count)]
        columns = (sample.male, sample.age, sample.annual_salary, actual, corruption, delays)
        return [
            _simulated(CustomerRecord("Male" if male else "Female", age, salary, id_), *rest)
            for id_, male, age, salary, *rest in zip(
                ids, *(column.tolist() for column in columns), strict=True
            )
        ]


def _simulated(
    record: CustomerRecord, actual: int, corruption: int, delay: float
) -> SimulatedRecord:
    key = record.id.encode() if record.id else None
    value = codec.encode(record)
    if corruption >= 0:
        return SimulatedRecord(key, CORRUPTIONS[corruption](value), False, None, 0.0)
    outcome = codec.encode(Outcome(record.id, actual)) if record.id else None  # type: ignore[arg-type]  # 0 or 1
    return SimulatedRecord(key, value, True, outcome, delay)


CORRUPTIONS: Final[tuple[Callable[[bytes], bytes | None], ...]] = (
    lambda value: value[: len(value) // 2],  # truncated
    lambda value: value.replace(b'"Age"', b'"Years"', 1),  # a missing field
    lambda value: value.replace(b'"Male"', b'"male"').replace(b'"Female"', b'"female"'),
    lambda value: value.replace(b'"Age":', b'"Age":-', 1),  # out of range
    lambda value: value.replace(b'"AnnualSalary":', b'"AnnualSalary":"high","was":', 1),
    lambda value: value.replace(b"ale", b"al\xe9", 1),  # Latin-1, not UTF-8
    lambda _: None,
)
"""Ways to make a record invalid. Each leads to another dead letter reason."""
