"""Customers and outcomes become labelled rows: each id once, the newest of each."""

from hypothesis import given
from hypothesis import strategies as st

from contract.schema import CARS
from contract.schema.cars import Outcome
from tests.support.builders import a_customer
from training.lookback.outcome_join import OutcomeJoin, RecordPosition
from training.lookback.rows import columns


def joined(
    outcomes: list[tuple[str, int, int]], customers: list[tuple[str, float, int]]
) -> OutcomeJoin:
    """Outcomes (id, purchased, timestamp) and customers (id, age, timestamp)."""
    join = OutcomeJoin(1_000, CARS)
    for name, purchased, time in outcomes:
        join.add_outcome(Outcome(name, purchased), RecordPosition(time, 0, 0))  # type: ignore[arg-type]
    join.trim_outcomes()
    for name, age, time in customers:
        join.add_customer(name, a_customer(age=age), RecordPosition(time, 0, 0))
    return join


def test_customer_and_its_outcome_become_a_row() -> None:
    rows = joined([("a", 1, 9)], [("a", 30.0, 5)]).rows()
    assert list(rows) == list(columns(CARS))
    (row,) = rows.to_dict("records")
    assert row == {
        "source": "stream", "id": "a", "event_time": 5, "Gender": "Female", "Age": 30.0,
        "AnnualSalary": 72_500.0, "Purchased": 1,
    }  # fmt: skip


def test_event_time_of_a_customer_is_that_of_the_row() -> None:
    join = OutcomeJoin(10, CARS)
    join.add_outcome(Outcome("a", 1), RecordPosition(9, 0, 0))
    join.add_customer("a", a_customer(event_time=77), RecordPosition(5, 0, 0))
    assert join.rows()["event_time"].tolist() == [77]


def test_customer_without_outcome_and_outcome_without_customer_are_no_rows() -> None:
    join = joined([("a", 1, 1)], [("b", 30.0, 1)])
    assert len(join.rows()) == 0
    assert not join.is_complete


events = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.integers(0, 50)))


@given(events, events, st.randoms())
def test_newest_outcome_and_customer_of_an_id_count_in_any_order(
    outcomes: list[tuple[str, int, int]], customers: list[tuple[str, int, int]], random: object
) -> None:
    def deduplicate(events: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        return list({(name, time): (name, value, time) for name, value, time in events}.values())

    outcomes, customers = deduplicate(outcomes), deduplicate(customers)
    newest = {name: value for name, value, _ in sorted(outcomes, key=lambda event: event[2])}
    ages = {name: value for name, value, _ in sorted(customers, key=lambda event: event[2])}
    random.shuffle(outcomes)  # type: ignore[attr-defined]
    random.shuffle(customers)  # type: ignore[attr-defined]
    rows = joined(outcomes, [(name, float(age), time) for name, age, time in customers]).rows()
    expected = {name: (ages[name], newest[name]) for name in newest.keys() & ages.keys()}
    joined_rows = zip(rows["id"], rows["Age"], rows[CARS.target.name], strict=True)
    assert {name: (age, bought) for name, age, bought in joined_rows} == expected
    assert len(rows) == len(expected)


def test_only_the_newest_outcomes_are_kept_and_never_more_than_twice_as_many() -> None:
    join = OutcomeJoin(10, CARS)
    for number in range(1_000):
        join.add_outcome(Outcome(str(number), 1), RecordPosition(number * 7 % 1_000, 0, 0))
        assert len(join._outcomes) < 20
    join.trim_outcomes()
    for number in range(1_000):
        join.add_customer(str(number), a_customer(), RecordPosition(number, 0, 0))
    newest = sorted(range(1_000), key=lambda number: number * 7 % 1_000)[-10:]
    assert set(join.rows()["id"]) == {str(number) for number in newest}
    assert join.is_complete


def test_rows_are_ordered_by_event_time_whatever_the_order_of_arrival() -> None:
    rows = joined([("a", 1, 1), ("b", 0, 1)], [("a", 30.0, 9), ("b", 40.0, 5)]).rows()
    assert rows["id"].tolist() == ["b", "a"]
    assert rows[list(CARS.features)].notna().all(axis=None)


def test_join_is_complete_although_a_few_outcomes_have_no_customer() -> None:
    join = joined([(str(number), 1, 1) for number in range(200)], [])
    for number in range(198):
        assert not join.is_complete
        join.add_customer(str(number), a_customer(), RecordPosition(1, 0, 0))
    assert join.is_complete
