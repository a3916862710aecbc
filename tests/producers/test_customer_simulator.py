"""Simulated records: seeded, drifting, some of them invalid, each valid one with its outcome."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import codec
from contract.errors import DeadLetterReason, InvalidRecord
from contract.schema import CARS
from data.population import DATA_SET, Population
from producers.customer_simulator import CORRUPTIONS, CustomerSimulator
from producers.schedule import DriftSchedule
from producers.simulator import SimulatedRecord, SimulationConfig
from tests.support.builders import a_customer

OLDER = Population(age_shift=15)


def drawn(
    count: int = 2_000, last: float = 100.0, drifted: Population = DATA_SET, **changes: object
) -> list[SimulatedRecord]:
    """Records due evenly from 0 to `last` seconds."""
    config = SimulationConfig(**{"run": "r", **changes})  # type: ignore[arg-type]
    return CustomerSimulator(config, drifted).draw(np.linspace(0, last, count))


def customers(records: list[SimulatedRecord]) -> list[Any]:
    return [CARS.codec.decode_customer(record.value) for record in records]


def mean_age(records: list[SimulatedRecord]) -> float:
    return float(np.mean([customer.age for customer in customers(records)]))


def bought(records: list[SimulatedRecord]) -> list[int]:
    return [CARS.codec.decode_outcome(record.outcome).actual for record in records]


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert drawn(seed=4, invalid_ratio=0.1) == drawn(seed=4, invalid_ratio=0.1) != drawn(seed=5)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(0, 100))
def test_records_do_not_depend_on_the_batch_size(counts: list[int], seed: int) -> None:
    config = SimulationConfig("r", seed, DriftSchedule(start=2, ramp=5), invalid_ratio=0.3)
    due = np.linspace(0, 10, sum(counts))
    bit_by_bit = CustomerSimulator(config, OLDER)
    parts = [bit_by_bit.draw(part) for part in np.split(due, np.cumsum(counts)[:-1])]
    at_once = CustomerSimulator(config, OLDER).draw(due)
    assert [record for part in parts for record in part] == at_once


def test_record_is_keyed_by_its_id_which_no_other_run_has() -> None:
    records = drawn(100, run="one")
    ids = [customer.id for customer in customers(records)]
    assert len(set(ids)) == 100
    assert [record.key for record in records] == [str(each).encode() for each in ids]
    assert not set(ids) & {customer.id for customer in customers(drawn(100, run="two"))}


def test_outcome_has_the_id_of_its_record_and_comes_after_the_mean_delay() -> None:
    records = drawn(outcome_delay=3.0)
    for record, customer in zip(records, customers(records), strict=True):
        assert CARS.codec.decode_outcome(record.outcome).id == customer.id
    delays = [record.outcome_delay for record in records]
    assert min(delays) >= 0
    assert np.mean(delays) == pytest.approx(3.0, rel=0.1)


def test_minimal_record_is_the_three_fields_alone() -> None:
    for record in drawn(50, features_only=True):
        assert json.loads(record.value or b"").keys() == {"Gender", "Age", "AnnualSalary"}
        assert (record.key, record.outcome, record.valid) == (None, None, True)


def test_sudden_drift_changes_every_customer_from_its_moment_on_and_none_before() -> None:
    usual = drawn()
    drifted = drawn(drifted=OLDER, drift=DriftSchedule(start=50))
    assert drifted[:1_000] == usual[:1_000]
    assert mean_age(drifted[1_000:]) - mean_age(usual[1_000:]) == pytest.approx(15, abs=1)


def test_gradual_drift_moves_the_population_step_by_step() -> None:
    usual, drifted = drawn(), drawn(drifted=OLDER, drift=DriftSchedule(start=25, ramp=50))
    parts = [slice(start, start + 500) for start in (0, 500, 1_000, 1_500)]
    moved = [mean_age(drifted[part]) - mean_age(usual[part]) for part in parts]
    assert moved == pytest.approx([0, 3.75, 11.25, 15], abs=0.5)


def test_target_drift_changes_who_buys_and_leaves_the_customers_as_they_are() -> None:
    usual = drawn()
    drifted = drawn(drifted=Population(concept_shift=4), drift=DriftSchedule(start=50))
    assert [record.value for record in drifted] == [record.value for record in usual]
    assert bought(drifted)[:1_000] == bought(usual)[:1_000]
    assert sum(bought(drifted)[1_000:]) < 0.5 * sum(bought(usual)[1_000:])


@pytest.mark.parametrize("gender", ["Male", "Female"])
def test_each_fault_has_a_reason_of_its_own(gender: str) -> None:
    value = codec.encode(a_customer(gender=gender, id="sim-r-1"))
    reasons = []
    for make_bad in CORRUPTIONS:
        with pytest.raises(InvalidRecord) as caught:
            CARS.codec.decode_customer(make_bad(value))
        reasons.append(caught.value.reason)
    assert reasons == [
        DeadLetterReason.MALFORMED_JSON,
        DeadLetterReason.MISSING_FIELD,
        DeadLetterReason.UNKNOWN_CATEGORY,
        DeadLetterReason.OUT_OF_RANGE,
        DeadLetterReason.WRONG_TYPE,
        DeadLetterReason.INVALID_UTF8,
        DeadLetterReason.NULL_VALUE,
    ]


@pytest.mark.parametrize("minimal", [False, True])
def test_bad_records_are_of_every_kind_in_their_share_and_have_no_outcome(minimal: bool) -> None:
    records = drawn(20_000, invalid_ratio=0.1, features_only=minimal)
    decoded = CARS.codec.decode_customers([record.value for record in records])
    assert [index for index, record in enumerate(records) if not record.valid] == list(
        decoded.invalid
    )
    assert len(decoded.invalid) == pytest.approx(2_000, rel=0.1)
    assert len({invalid.reason for invalid in decoded.invalid.values()}) == len(CORRUPTIONS)
    assert all(records[index].outcome is None for index in decoded.invalid)


@pytest.mark.parametrize(("share", "valid"), [(0.0, True), (1.0, False)])
def test_no_record_or_every_record_can_be_bad(share: float, valid: bool) -> None:
    assert {record.valid for record in drawn(500, invalid_ratio=share)} == {valid}
