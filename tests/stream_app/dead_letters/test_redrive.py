"""Dead letters are listed, shown and redriven, on a real broker."""

import base64
import json
import signal
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from contract import kafka as clients
from contract.errors import WorkerFailed
from stream_app.dead_letters.filter import DeadLetterFilter
from stream_app.dead_letters.redrive import redrive
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually, produce, read_all
from tests.support.dead_letters import (
    TRUNCATED,
    a_dead_letter,
    run_dead_letters_command,
    start_dead_letters_command,
    write_dead_letters,
)


def test_empty_topic_is_not_an_error(settings: ScorerSettings) -> None:
    assert run_dead_letters_command(settings, "list") == "no dead letters\n"
    assert json.loads(run_dead_letters_command(settings, "list", "--json")) == []
    assert run_dead_letters_command(settings, "show") == ""
    assert run_dead_letters_command(settings, "redrive", "--all") == "redriven 0\n"


def test_dead_letters_are_counted_by_reason_and_shown(settings: ScorerSettings) -> None:
    write_dead_letters(
        settings,
        [a_dead_letter(settings, 1), a_dead_letter(settings, 6, reason="null_value", value=None)],
    )
    write_dead_letters(settings, [a_dead_letter(settings, 3)])
    assert json.loads(run_dead_letters_command(settings, "list", "--json")) == [
        {
            "reason": "malformed_json",
            "count": 2,
            "redriven": 0,
            "oldest_timestamp": 1_700_000_000_001,
            "newest_timestamp": 1_700_000_000_003,
        },
        {
            "reason": "null_value",
            "count": 1,
            "redriven": 0,
            "oldest_timestamp": 1_700_000_000_006,
            "newest_timestamp": 1_700_000_000_006,
        },
    ]
    assert "malformed_json            2         0  2023-11-14 22:13:20" in run_dead_letters_command(
        settings, "list"
    )
    lines = run_dead_letters_command(
        settings, "show", "--reason", "malformed_json", "--json"
    ).splitlines()
    assert [json.loads(line)["offset"] for line in lines] == [1, 3]
    shown = json.loads(lines[0])
    assert base64.b64decode(shown["value"]) == b"record 1"
    assert shown["redriven"] is False
    (first, *rest) = run_dead_letters_command(settings, "show", "--at", "2:6").splitlines()
    assert first.startswith(f"{settings.topic_customers} 2:6  null_value")
    assert "  value  null" in rest
    assert "  header 'h': base64 /w==" in rest


def test_selected_dead_letters_are_redriven_byte_for_byte_and_never_again(
    settings: ScorerSettings,
) -> None:
    dead_letters = [a_dead_letter(settings, offset) for offset in range(8)]
    dead_letters += [a_dead_letter(settings, 9, reason="null_value", value=None, key=None)]
    write_dead_letters(settings, [*dead_letters, a_dead_letter(settings, 10, truncated=TRUNCATED)])
    assert (
        run_dead_letters_command(settings, "redrive", "--at", "1:1", "--at", "1:5")
        == "redriven 2\n"
    )
    assert (
        run_dead_letters_command(settings, "redrive", "--at", "1:1")
        == "redriven 0; 1 already redriven\n"
    )
    result = json.loads(run_dead_letters_command(settings, "redrive", "--all", "--json"))
    assert result == {"redriven": 7, "already_redriven": 2, "truncated": 1}
    messages = read_all(settings.kafka_bootstrap, settings.topic_customers)
    assert len(messages) == len(dead_letters)
    by_origin = {dict(message.headers() or [])["redriven-from"]: message for message in messages}
    for dead_letter in dead_letters:
        message = by_origin[
            f"{dead_letter.topic}-{dead_letter.partition}-{dead_letter.offset}".encode()
        ]
        assert (message.key(), message.value()) == (dead_letter.key, dead_letter.value)
        assert message.partition() == dead_letter.partition
        assert [*(message.headers() or [])][:-1] == dead_letter.headers
    listed = json.loads(run_dead_letters_command(settings, "list", "--json"))
    assert [(count["count"], count["redriven"]) for count in listed] == [(9, 8), (1, 1)]


def test_redrive_without_a_filter_is_a_usage_error(settings: ScorerSettings) -> None:
    assert "--all" in run_dead_letters_command(settings, "redrive", code=2)


def test_message_that_is_not_a_dead_letter_is_skipped(settings: ScorerSettings) -> None:
    write_dead_letters(settings, [a_dead_letter(settings, 1)])
    produce(settings.kafka_bootstrap, settings.topic_dead_letters, [b"?", None])
    write_dead_letters(settings, [a_dead_letter(settings, 2)])
    assert run_dead_letters_command(settings, "redrive", "--all") == "redriven 2\n"


def values(settings: ScorerSettings) -> list[bytes]:
    messages = read_all(settings.kafka_bootstrap, settings.topic_customers)
    return sorted(message.value() or b"" for message in messages)


def end(settings: ScorerSettings) -> int:
    """End offsets of the topic, uncommitted records included. A fast request."""
    consumer = Consumer({"bootstrap.servers": settings.kafka_bootstrap, "group.id": "tests"})
    try:
        return sum(
            consumer.get_watermark_offsets(TopicPartition(settings.topic_customers, number))[1]
            for number in range(settings.partitions)
        )
    except KafkaException as failure:
        if failure.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION:
            raise
        return 0  # a new partition has no records
    finally:
        consumer.close()


def write_many(settings: ScorerSettings) -> list[bytes]:
    """Writes dead letters; returns the values of their records."""
    dead_letters = [a_dead_letter(settings, offset) for offset in range(30_000)]
    write_dead_letters(settings, dead_letters)
    return sorted(dead_letter.value or b"" for dead_letter in dead_letters)


def test_redrive_that_is_killed_and_run_again_redrives_each_once(settings: ScorerSettings) -> None:
    dead_letters = write_many(settings)
    for already in (1, 2_000, 6_000):
        process = start_dead_letters_command(settings, "redrive", "--all")
        eventually(lambda at=already: end(settings) >= at, every=0)  # type: ignore[misc]
        process.kill()
        process.communicate()
    assert len(values(settings)) < len(dead_letters), "all were killed too late"
    run_dead_letters_command(settings, "redrive", "--all")
    assert values(settings) == dead_letters


def test_second_redrive_ends_the_first_and_each_is_redriven_once(settings: ScorerSettings) -> None:
    dead_letters = write_many(settings)
    slow = settings.model_copy(  # longer than it is stopped
        update={"kafka_timeout": 45, "transaction_timeout": 45}
    )
    first = start_dead_letters_command(slow, "redrive", "--all")
    eventually(lambda: end(settings), every=0)
    first.send_signal(signal.SIGSTOP)
    run_dead_letters_command(settings, "redrive", "--all")
    first.send_signal(signal.SIGCONT)
    complaint = first.communicate(timeout=90)[1].splitlines()[-1]
    assert complaint.startswith("error: another redrive was started")
    assert first.returncode == 10
    assert values(settings) == dead_letters


def test_redrive_that_is_fenced_between_two_records_reports_the_second_redrive(
    settings: ScorerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client then rejects the record without a reason."""
    write_dead_letters(settings, [a_dead_letter(settings, 1)])
    real = clients.produce

    def redrive_meanwhile(producer: Producer, *message: Any, **more: Any) -> None:
        monkeypatch.setattr(clients, "produce", real)
        run_dead_letters_command(settings, "redrive", "--all")
        with pytest.raises(KafkaException, match="Fatal error"):
            eventually(lambda: real(producer, *message, **more))
        real(producer, *message, **more)

    monkeypatch.setattr(clients, "produce", redrive_meanwhile)
    with pytest.raises(WorkerFailed, match="another redrive was started"):
        redrive(settings, DeadLetterFilter())
    assert values(settings) == [b"record 1"]
