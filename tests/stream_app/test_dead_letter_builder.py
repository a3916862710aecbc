"""A dead letter contains its record; one that is too large for the topic is truncated."""

from hashlib import sha256
from typing import Any, cast

import pytest
from confluent_kafka import Message as KafkaMessage

from contract import codec
from contract.errors import DeadLetterReason, InvalidRecord
from contract.events import CONTRACT_VERSION, DeadLetter, Truncated
from stream_app.scoring.dead_letter_builder import build_dead_letter
from stream_app.scoring.message import Message, message_size

INVALID = InvalidRecord(DeadLetterReason.MALFORMED_JSON, "no JSON")
MIB = 1024 * 1024


def dead_letter_of(
    max_bytes: int = MIB, invalid: InvalidRecord = INVALID, **message: Any
) -> DeadLetter:
    given = {"topic": "c", "partition": 2, "offset": 40, "timestamp": (1, 1_700), **message}
    sent = build_dead_letter(cast(Message, KafkaMessage(**given)), invalid, max_bytes)
    assert message_size(sent) <= max_bytes
    return codec.decode_dead_letter(sent["value"])


def test_dead_letter_keeps_every_byte_and_its_position() -> None:
    headers = [("h", b"\xff\x00"), ("", b""), ("h", None)]
    dead_letter = dead_letter_of(value=b"\xff{", key=b"\x00k", headers=headers)
    assert (dead_letter.value, dead_letter.key, dead_letter.headers) == (
        b"\xff{",
        b"\x00k",
        headers,
    )
    assert (
        dead_letter.topic,
        dead_letter.partition,
        dead_letter.offset,
        dead_letter.timestamp,
    ) == ("c", 2, 40, 1_700)
    assert (dead_letter.reason, dead_letter.detail) == ("malformed_json", "no JSON")
    assert (dead_letter.contract_version, dead_letter.truncated) == (CONTRACT_VERSION, None)


@pytest.mark.parametrize("empty", [None, b""])
def test_null_and_empty_values_are_distinguished(empty: bytes | None) -> None:
    dead_letter = dead_letter_of(value=empty, key=empty, headers=[("h", empty)])
    assert (dead_letter.value, dead_letter.key, dead_letter.headers) == (
        empty,
        empty,
        [("h", empty)],
    )


def test_oversized_value_is_truncated_with_its_size_and_digest() -> None:
    value = bytes(range(256)) * 8 * 1024
    dead_letter = dead_letter_of(value=value, key=b"k", headers=[("h", b"x")])
    assert dead_letter.truncated == Truncated(len(value), sha256(value).hexdigest())
    assert dead_letter.value
    assert value.startswith(dead_letter.value)
    assert len(dead_letter.value) > MIB * 0.74, "as much as there is room for"
    assert (dead_letter.key, dead_letter.headers) == (b"k", [("h", b"x")])


def test_oversized_headers_and_key_are_left_out() -> None:
    value = b"v" * 100
    dead_letter = dead_letter_of(value=value, headers=[("h", b"x" * MIB)], key=b"k")
    assert dead_letter.truncated == Truncated(100, sha256(value).hexdigest(), headers_omitted=True)
    assert (dead_letter.key, dead_letter.headers, dead_letter.value) == (b"k", [], value)
    dead_letter = dead_letter_of(value=None, key=b"k" * MIB)
    assert dead_letter.truncated == Truncated(
        0, sha256(b"").hexdigest(), headers_omitted=True, key_omitted=True
    )
    assert (dead_letter.key, dead_letter.value) == (None, None)


def test_detail_that_quotes_the_record_is_shortened() -> None:
    quoting = InvalidRecord(
        DeadLetterReason.UNKNOWN_CATEGORY, "Invalid enum value " + "\ud800" * MIB
    )
    assert len(dead_letter_of(invalid=quoting).detail) == 500
