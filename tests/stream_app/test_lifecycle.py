"""How a worker starts, ends and reports errors."""

import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from stream_app.settings import ScorerSettings
from tests.support.builders import eventually, produce, read_all
from tests.support.scorer import (
    WORKER_COMMAND,
    prediction_offsets,
    run_failing_worker,
    with_changes,
    worker_process,
)

FAUSTS = (sys.executable, "-m", "faust", "-A", "stream_app.faust_app", "worker", "-l", "info")

VALUE = b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}'


@pytest.mark.parametrize("command", [WORKER_COMMAND, FAUSTS], ids=["ours", "faust's"])
def test_worker_scores_and_ends_on_sigterm_with_nothing_lost(
    worker_settings: ScorerSettings, command: Sequence[str]
) -> None:
    with worker_process(worker_settings, command) as process:
        produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [VALUE] * 3)
        assert len(set(prediction_offsets(worker_settings, until=3))) == 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0


def test_killed_worker_leaves_no_record_unscored_and_none_scored_twice(
    worker_settings: ScorerSettings,
) -> None:
    count = 60_000
    with worker_process(worker_settings) as first:
        produce(
            worker_settings.kafka_bootstrap,
            worker_settings.topic_customers,
            [VALUE] * count,
            deadline=60,
        )
        eventually(
            lambda: read_all(worker_settings.kafka_bootstrap, worker_settings.topic_predictions),
            every=0.01,
        )
        first.kill()
        first.wait(90)
    with worker_process(worker_settings):
        positions = prediction_offsets(worker_settings, until=count)
        assert len(set(positions)) == count
        assert (
            len(read_all(worker_settings.kafka_bootstrap, worker_settings.topic_predictions))
            == count
        )


def test_no_broker_is_one_line_that_says_what_to_do(worker_settings: ScorerSettings) -> None:
    code, errors = run_failing_worker(
        with_changes(worker_settings, kafka_bootstrap="127.0.0.1:1", kafka_timeout=1)
    )
    assert code == 4
    assert len(errors) == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in errors[0]
    assert "INTENT_KAFKA_BOOTSTRAP" in errors[0]


def test_no_champion_is_one_line_that_says_what_to_do(worker_settings: ScorerSettings) -> None:
    code, errors = run_failing_worker(with_changes(worker_settings, model_name="nobody"))
    assert code == 6
    assert len(errors) == 1
    assert "intent train" in errors[0]


def test_registry_that_does_not_answer_is_one_line(worker_settings: ScorerSettings) -> None:
    code, errors = run_failing_worker(
        with_changes(worker_settings, mlflow_uri="http://127.0.0.1:1")
    )
    assert code == 6
    assert len(errors) == 1
    assert "http://127.0.0.1:1" in errors[0]


def test_port_already_taken_is_one_line_that_names_it(worker_settings: ScorerSettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", worker_settings.scorer_port))
        taken.listen()
        code, errors = run_failing_worker(worker_settings)
    assert code == 7
    assert len(errors) == 1
    assert f"127.0.0.1:{worker_settings.scorer_port}" in errors[0]


def test_data_directory_that_cannot_be_written_is_one_line_that_names_it(
    worker_settings: ScorerSettings, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    code, errors = run_failing_worker(with_changes(worker_settings, data_dir=file / "home"))
    assert code == 8
    assert len(errors) == 1
    assert str(file) in errors[0]


def test_bad_setting_is_one_line_that_names_it(worker_settings: ScorerSettings) -> None:
    code, errors = run_failing_worker(with_changes(worker_settings, batch_max_records=0))
    assert code == 2
    assert len(errors) == 1
    assert "INTENT_BATCH_MAX_RECORDS" in errors[0]
