"""The commands that run a stage do what the stage's own entry point does."""

import socket

import msgspec
import pytest

from contract.settings import Settings
from contract.topics import topics
from tests.support.builders import produce, read_all
from tests.support.fixtures import Intent

NO_BROKER = {"INTENT_KAFKA_BOOTSTRAP": "127.0.0.1:1", "INTENT_KAFKA_TIMEOUT": "0.5"}


def test_simulate_publishes_the_requested_number_of_records(
    command: Intent, settings: Settings
) -> None:
    arguments = ("--records", "20", "--rate", "0", "--invalid-ratio", "0", "--features-only")
    env = {"INTENT_SIMULATOR_PORT": str(_free_port())}
    ended = command("simulate", *arguments, settings=settings, env=env)
    assert ended.exit_code == 0, ended.stderr
    found = read_all(settings.kafka_bootstrap, settings.topic_customers, until=20)
    assert {message.key() for message in found} == {None}


def test_option_of_simulate_is_validated_like_a_variable(command: Intent) -> None:
    ended = command("simulate", "--rate", "fast")
    assert ended.exit_code == 2
    assert ended.stderr.startswith("error: correct these settings: INTENT_RATE=fast: ")


def test_dead_letters_are_listed_shown_and_redriven(command: Intent, settings: Settings) -> None:
    dead_letter = {
        "reason": "null_value", "detail": "the message has no value", "partition": 0, "offset": 7,
        "topic": settings.topic_customers, "timestamp": 1, "key": None, "value": None,
        "headers": [],
    }  # fmt: skip
    assert "no dead letters" in command("dead-letters", "list", settings=settings).stdout
    produce(
        settings.kafka_bootstrap, settings.topic_dead_letters, [msgspec.json.encode(dead_letter)]
    )
    listed = command("dead-letters", "list", "--json", settings=settings).stdout
    assert [count["count"] for count in msgspec.json.decode(listed)] == [1]
    chosen = ("--at", "0:7", "--reason", "null_value")
    shown = command("dead-letters", "show", *chosen, settings=settings).stdout
    assert "detail the message has no value" in shown
    redriven = command("dead-letters", "redrive", "--all", "--json", settings=settings).stdout
    assert msgspec.json.decode(redriven)["redriven"] == 1


@pytest.mark.starts
@pytest.mark.parametrize("stage", ["score", "monitor"])
def test_a_stage_ends_with_its_own_line_and_code(command: Intent, stage: str) -> None:
    ports = {
        "INTENT_SCORER_PORT": str(_free_port()),
        "INTENT_MONITORING_PORT": str(_free_port()),
    }
    ended = command(stage, env=NO_BROKER | ports)
    assert ended.exit_code == 4
    assert "error: no Kafka broker answers at 127.0.0.1:1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_train_ends_with_its_own_line_and_code(command: Intent) -> None:
    ended = command("train", env={"INTENT_DATASET": "nowhere.csv"})
    assert ended.exit_code == 3
    assert "error: nowhere.csv: cannot be read" in ended.stderr


def test_promote_and_rollback_report_the_champion(
    command: Intent, champion: dict[str, str]
) -> None:
    env = {f"INTENT_{name.upper()}": value for name, value in champion.items()}
    now = command("promote", "1", "--reason", "a test", env=env)
    assert now.exit_code == 0, now.stderr
    assert now.stdout == "version 1 is the champion already\n"
    unknown = command("promote", "99", "--reason", "a test", env=env)
    assert unknown.exit_code == 2
    assert f"{champion['model_name']} has no version 99 in the registry" in unknown.stderr
    assert unknown.stderr.endswith("; existing versions: 1\n")
    other = command("rollback", "99", env=env)
    assert other.stdout == "nothing changed: version 99 is not the champion, version 1 is\n", (
        other.stderr
    )


def test_trace_of_an_unknown_prediction_is_one_line(
    command: Intent, settings: Settings, champion: dict[str, str]
) -> None:
    env = {f"INTENT_{name.upper()}": value for name, value in champion.items()}
    ended = command("trace", "nobody", settings=settings, env=env)
    assert ended.exit_code == 2
    assert "has no prediction with the id nobody" in ended.stderr


def test_retraining_request_is_published(command: Intent, settings: Settings) -> None:
    arguments = ("train", "--request", "--urgent", "--reason", "a test")
    asked = command(*arguments, settings=settings)
    assert asked.exit_code == 0, asked.stderr
    (message,) = read_all(
        settings.kafka_bootstrap, topics(settings).retraining_requests.name, until=1
    )
    request = msgspec.json.decode(message.value() or b"")
    found = request["id"], request["reason"], request["urgent"]
    assert found == (asked.stdout.strip(), "a test", True)


@pytest.mark.parametrize(
    "arguments", [("--serve", "--request"), ("--urgent",), ("--serve", "--reason", "x")]
)
def test_exclusive_options_of_train_are_rejected(
    command: Intent, arguments: tuple[str, ...]
) -> None:
    assert command("train", *arguments).exit_code == 2


def test_up_ends_with_its_own_line_and_code(command: Intent, kafka: str) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = str(listening.getsockname()[1])
        env = {"INTENT_SCORER_PORT": port, "INTENT_KAFKA_BOOTSTRAP": kafka}
        ended = command("up", "--records", "5", env=env)
    assert ended.exit_code == 7
    assert f"error: cannot listen on 127.0.0.1:{port}" in ended.stderr


def test_debug_shows_the_traceback(command: Intent) -> None:
    plain = command("monitor", env=NO_BROKER)
    debugged = command("monitor", "--debug", env=NO_BROKER)
    assert "Traceback" not in plain.stderr
    assert "Traceback (most recent call last)" in debugged.stderr
    assert debugged.stderr.splitlines()[-1] == plain.stderr.splitlines()[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
