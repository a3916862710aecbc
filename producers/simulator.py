"""Customers as records, some of them bad, and what they will do. Pure and seeded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from contract import codec
from contract.schema.cars import CustomerRecord, Outcome
from data.population import DATA_SET, Chance, Floats, Population
from producers.schedule import Drift


class Simulated(NamedTuple):
    """A record to publish, and the outcome that follows it.

    Attributes:
        key: the message's key.
        value: the message's value.
        valid: whether it fits the contract.
        outcome: value of the later outcome, where there is one.
        outcome_delay: seconds from the record to it.
    """

    key: bytes | None
    value: bytes | None
    valid: bool
    outcome: bytes | None
    outcome_delay: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated.

    Attributes:
        run: part of every id, so that two runs share none.
        seed: the same seed, run and due times give the same bytes.
        drifted: the population once the drift is complete.
        drift: when it comes.
        lies: when outcomes begin to say the opposite of what customers did.
        lying: share of them that do, once that is complete.
        invalid_ratio: share of records that do not fit the contract.
        features_only: the three fields alone.
        outcome_delay: mean seconds from a record to its outcome.
    """

    run: str
    seed: int = 1
    drifted: Population = DATA_SET
    drift: Drift = Drift()  # noqa: RUF009  frozen
    lies: Drift = Drift()  # noqa: RUF009  frozen
    lying: float = 0.0
    invalid_ratio: float = 0.0
    features_only: bool = False
    outcome_delay: float = 5.0


class Simulator:
    """Draws one customer after the other; the n-th is the same however many are drawn at once."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        random = np.random.default_rng(scenario.seed)
        self._chance = Chance.of(random)
        self._delays, self._bad, self._faults, self._lies = random.spawn(4)
        self._drawn = 0

    def draw(self, due: Floats) -> list[Simulated]:
        """The next records, each from the population as it is when the record is due (seconds)."""
        scenario, count = self._scenario, len(due)
        population = DATA_SET.toward(scenario.drifted, scenario.drift.share(due))
        sample = population.sample(count, self._chance)
        delays = self._delays.exponential(scenario.outcome_delay, count)
        lies = self._lies.random(count) < scenario.lying * scenario.lies.share(due)
        told = np.where(lies, 1 - sample.purchased, sample.purchased)
        bad = self._bad.random(count) < scenario.invalid_ratio
        faults = np.where(bad, (self._faults.random(count) * len(FAULTS)).astype(int), -1)
        first, self._drawn = self._drawn, self._drawn + count
        names: list[str | None] = [None] * count
        if not scenario.features_only:
            names = [f"sim-{scenario.run}-{number}" for number in range(first, first + count)]
        columns = (sample.male, sample.age, sample.annual_salary, told, faults, delays)
        return [
            _simulated(CustomerRecord("Male" if male else "Female", age, salary, name), *rest)
            for name, male, age, salary, *rest in zip(
                names, *(column.tolist() for column in columns), strict=True
            )
        ]


def _simulated(record: CustomerRecord, purchased: int, fault: int, delay: float) -> Simulated:
    key = record.id.encode() if record.id else None
    value = codec.encode(record)
    if fault >= 0:
        return Simulated(key, FAULTS[fault](value), False, None, 0.0)
    outcome = codec.encode(Outcome(record.id, purchased)) if record.id else None  # type: ignore[arg-type]  # 0 or 1
    return Simulated(key, value, True, outcome, delay)


FAULTS: Final[tuple[Callable[[bytes], bytes | None], ...]] = (
    lambda value: value[: len(value) // 2],  # a record cut short
    lambda value: value.replace(b'"Age"', b'"Years"', 1),  # a field missing
    lambda value: value.replace(b'"Male"', b'"male"').replace(b'"Female"', b'"female"'),
    lambda value: value.replace(b'"Age":', b'"Age":-', 1),  # out of range
    lambda value: value.replace(b'"AnnualSalary":', b'"AnnualSalary":"high","was":', 1),
    lambda value: value.replace(b"ale", b"al\xe9", 1),  # Latin-1, not UTF-8
    lambda _: None,
)
"""The ways in which a record can be bad, each with a reason of its own."""
