"""`python -m producers` on a real broker: what it publishes, how it ends, and its errors."""

import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.errors import BadSetting
from contract.schema import CARS
from contract.settings import load
from data import dataset
from producers.settings import ProducerSettings
from tests.support.builders import eventually, read_all
from tests.support.simulator import run_simulate_command, run_simulator, start_simulator


def values(settings: ProducerSettings, topic: str) -> list[bytes]:
    return [message.value() or b"" for message in read_all(settings.kafka_bootstrap, topic)]


def changed(settings: ProducerSettings, **changes: object) -> ProducerSettings:
    return settings.model_copy(update=changes)


def test_run_publishes_as_many_customers_as_asked_for_and_every_outcome(
    own: ProducerSettings,
) -> None:
    code, output = run_simulator(changed(own, records=12_345, invalid_ratio=0.01))
    assert (code, "published 12345 records" in output[-1]) == (0, True)
    customers = CARS.codec.decode_customers(values(own, own.topic_customers))
    assert len(customers.events) + len(customers.invalid) == 12_345
    assert customers.invalid
    outcomes = [CARS.codec.decode_outcome(value) for value in values(own, own.topic_outcomes)]
    assert sorted(each.id for each in outcomes) == sorted(str(c.id) for c in customers.events)


def test_records_of_a_rate_carry_evenly_spaced_times(own: ProducerSettings) -> None:
    assert run_simulator(changed(own, records=200, rate=400))[0] == 0
    messages = read_all(own.kafka_bootstrap, own.topic_customers)
    times = np.sort([message.timestamp()[1] for message in messages])
    steps = np.arange(200) * 2.5  # ms
    assert np.abs(times - times[0] - steps).max() <= 1.5  # each rounded to the millisecond


def test_options_take_precedence_and_the_same_seed_draws_the_same_customers(
    own: ProducerSettings,
) -> None:
    options = ("--records", "50", "--seed", "9", "--features-only")
    for _ in range(2):
        assert run_simulate_command(changed(own, records=7, seed=1), *options)[0] == 0
    messages = sorted(values(own, own.topic_customers))
    assert len(messages) == 100
    assert messages[::2] == messages[1::2]
    assert not values(own, own.topic_outcomes)


def test_replay_publishes_the_rows_of_the_file_and_their_outcomes(own: ProducerSettings) -> None:
    assert run_simulator(changed(own, records=0), "replay")[0] == 0
    rows = dataset.load_dataset(CARS.dataset, CARS)
    records: dict[int, Any] = {
        int(str(record.id).rpartition("-")[2]): record
        for record in CARS.codec.decode_customers(values(own, own.topic_customers)).events
    }
    outcomes = {
        int(outcome.id.rpartition("-")[2]): outcome.actual
        for outcome in map(CARS.codec.decode_outcome, values(own, own.topic_outcomes))
    }
    numbers = range(1, len(rows) + 1)
    assert [
        (records[n].gender, records[n].age, records[n].annual_salary, outcomes[n]) for n in numbers
    ] == list(rows[["Gender", "Age", "AnnualSalary", "Purchased"]].itertuples(index=False))


def test_replay_takes_the_file_that_the_setting_names_and_no_more_records_than_asked_for(
    own: ProducerSettings, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    same_user = "7,Male,35,20000,1\r\n" * 5
    path.write_text(f"\ufeffUser ID,Gender,Age,AnnualSalary,Purchased\r\n{same_user}", newline="")
    assert run_simulator(changed(own, dataset=path, records=3, rate=1_000), "replay")[0] == 0
    records: list[Any] = [*CARS.codec.decode_customers(values(own, own.topic_customers)).events]
    assert [(each.age, each.annual_salary) for each in records] == [(35, 20_000)] * 3
    assert len({each.id for each in records}) == 3


def figure(settings: ProducerSettings, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.simulator_port}/metrics") as page:
        for line in page.read().decode().splitlines():
            if line.startswith(name):
                return float(line.split()[1])
    raise AssertionError(f"no figure {name}")


def test_sigterm_ends_a_run_cleanly_with_every_outcome_published(own: ProducerSettings) -> None:
    endless = changed(own, records=0, rate=2_000, outcome_delay=3_600, drift_start=0.1)
    process = start_simulator(endless)
    try:
        eventually(lambda: process.poll() is not None or values_came(endless))
        assert figure(endless, 'intent_simulator_records_total{validity="valid"}') > 0
        assert figure(endless, "intent_simulator_outcomes_total") < 100  # they are hours away
        eventually(lambda: figure(endless, "intent_simulator_drift_ratio ") == 1)
        process.send_signal(signal.SIGTERM)
        _, output = process.communicate(timeout=90)
    finally:
        process.kill()
    assert process.returncode == 0
    count = len(values(endless, endless.topic_customers))
    assert f"published {count} records" in output
    assert len(values(endless, endless.topic_outcomes)) == count


def values_came(settings: ProducerSettings) -> bool:
    try:
        return bool(values(settings, settings.topic_customers))
    except KeyError:  # the topic is yet to be made
        return False


def failure(settings: ProducerSettings, *arguments: str) -> tuple[int, str]:
    """Exit code and the one line of a process that cannot do what it is asked to."""
    code, output = run_simulator(settings, *arguments)
    assert len(output) == 1, output
    return code, output[0]


def test_no_broker_is_one_line_that_says_what_to_do(own: ProducerSettings) -> None:
    code, output = failure(changed(own, kafka_bootstrap="127.0.0.1:1", kafka_timeout=1))
    assert code == 4
    assert "no Kafka broker answers at 127.0.0.1:1" in output
    assert "INTENT_KAFKA_BOOTSTRAP" in output


def test_port_already_taken_is_one_line_that_names_it(own: ProducerSettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", own.simulator_port))
        taken.listen()
        code, output = failure(own)
    assert code == 7
    assert f"127.0.0.1:{own.simulator_port}" in output


def test_bad_data_file_is_one_line_that_says_where_even_without_a_broker(
    own: ProducerSettings, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("User ID,Gender,Age,AnnualSalary,Purchased\n1,X,3,4,0\n")
    code, output = failure(changed(own, dataset=path, kafka_bootstrap="127.0.0.1:1"), "replay")
    assert code == 3
    assert f"{path}, line 2, column Gender: 'X' must be one of Female, Male" in output


def test_flag_out_of_range_is_one_line_that_names_its_setting(own: ProducerSettings) -> None:
    code, lines = run_simulate_command(own, "--invalid-ratio", "2")
    assert (code, len(lines)) == (2, 1)
    assert "INTENT_INVALID_RATIO=2" in lines[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("rate", -1), ("drift_age_shift", 88), ("drift_salary_factor", 1_001), ("outcome_delay", -1)],
)
def test_settings_that_produce_invalid_records_are_rejected(name: str, value: float) -> None:
    with pytest.raises(BadSetting, match=f"INTENT_{name.upper()}={value}"):
        load(ProducerSettings, **{name: value})
