"""Dead letters on their topic, and the command that reads them."""

import subprocess
from collections.abc import Sequence

from confluent_kafka import Producer

from contract import codec
from contract.events import DeadLetter, Truncated
from stream_app.settings import ScorerSettings
from tests.support.builders import start_module


def a_dead_letter(settings: ScorerSettings, offset: int, **changes: object) -> DeadLetter:
    fields: dict[str, object] = {
        "reason": "malformed_json",
        "detail": "why",
        "topic": settings.topic_customers,
        "partition": offset % 4,
        "offset": offset,
        "timestamp": 1_700_000_000_000 + offset,
        "key": b"\x00k",
        "value": b"record %d" % offset,
        "headers": [("h", b"\xff"), ("null", None)],
        **changes,
    }
    return DeadLetter(**fields)  # type: ignore[arg-type]


TRUNCATED = Truncated(value_bytes=10, value_sha256="0" * 64)


def write_dead_letters(settings: ScorerSettings, dead_letters: Sequence[DeadLetter]) -> None:
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap})
    for dead_letter in dead_letters:
        producer.produce(settings.topic_dead_letters, codec.encode(dead_letter))
        producer.poll(0)
    assert producer.flush(20) == 0


def start_dead_letters_command(
    settings: ScorerSettings, *arguments: str
) -> "subprocess.Popen[str]":
    return start_module(
        settings,
        "intent.cli",
        "dead-letters",
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run_dead_letters_command(settings: ScorerSettings, *arguments: str, code: int = 0) -> str:
    """What the command prints, on standard output or, where it fails, on standard error."""
    process = start_dead_letters_command(settings, *arguments)
    printed, complaint = process.communicate(timeout=180)
    assert process.returncode == code, complaint
    return complaint if code else printed
