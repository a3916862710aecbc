"""Customers as records, some of them bad, and what they will do. Pure and seeded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from contract import codec
from contract.events import CustomerRecord, Outcome
from data.population import DATA_SET, Population
from producers.schedule import Drift


@dataclass(frozen=True, slots=True)
class Simulated:
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
        seed: the same seed and run give the same bytes.
        drifted: the population once the drift is complete.
        drift: when it comes.
        bad_share: share of records that do not fit the contract.
        minimal: the three fields alone.
        outcome_delay: mean seconds from a record to its outcome.
    """

    run: str
    seed: int = 1
    drifted: Population = DATA_SET
    drift: Drift = Drift()  # noqa: RUF009  frozen
    bad_share: float = 0.0
    minimal: bool = False
    outcome_delay: float = 5.0


class Simulator:
    """Draws one customer after the other."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._random = np.random.default_rng(scenario.seed)
        self._drawn = 0

    def draw(self, count: int, elapsed: float) -> list[Simulated]:
        """The next records, from the population as it is after `elapsed` seconds."""
        scenario, random = self._scenario, self._random
        share = scenario.drift.share(elapsed)
        sample = DATA_SET.toward(scenario.drifted, share).sample(count, random)
        delays = random.exponential(scenario.outcome_delay, count).tolist()
        faults = np.where(
            random.random(count) < scenario.bad_share, random.integers(0, len(FAULTS), count), -1
        )
        first, self._drawn = self._drawn, self._drawn + count
        return [
            self._simulated(self._record(number, *who), purchased, delay, fault)
            for number, who, purchased, delay, fault in zip(
                range(first, first + count),
                zip(
                    sample.male.tolist(),
                    sample.age.tolist(),
                    sample.annual_salary.tolist(),
                    strict=True,
                ),
                sample.purchased.tolist(),
                delays,
                faults.tolist(),
                strict=True,
            )
        ]

    def _record(self, number: int, male: bool, age: int, salary: int) -> CustomerRecord:
        name = None if self._scenario.minimal else f"sim-{self._scenario.run}-{number}"
        return CustomerRecord("Male" if male else "Female", age, salary, id=name)

    def _simulated(
        self, record: CustomerRecord, purchased: int, delay: float, fault: int
    ) -> Simulated:
        key = record.id.encode() if record.id else None
        value = codec.encode(record)
        if fault >= 0:
            return Simulated(key, FAULTS[fault](value), False, None, 0.0)
        outcome = Outcome(record.id, 1 if purchased else 0) if record.id else None
        return Simulated(key, value, True, codec.encode(outcome) if outcome else None, delay)


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
