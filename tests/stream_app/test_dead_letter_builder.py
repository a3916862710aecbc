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


def letter_of(most: int = MIB, invalid: InvalidRecord = INVALID, **message: Any) -> DeadLetter:
    given = {"topic": "c", "partition": 2, "offset": 40, "timestamp": (1, 1_700), **message}
    sent = build_dead_letter(cast(Message, KafkaMessage(**given)), invalid, most)
    assert message_size(sent) <= most
    return codec.decode_dead_letter(sent["value"])


def test_dead_letter_keeps_every_byte_and_its_position() -> None:
    headers = [("h", b"\xff\x00"), ("", b""), ("h", None)]
    letter = letter_of(value=b"\xff{", key=b"\x00k", headers=headers)
    assert (letter.value, letter.key, letter.headers) == (b"\xff{", b"\x00k", headers)
    assert (letter.topic, letter.partition, letter.offset, letter.timestamp) == ("c", 2, 40, 1_700)
    assert (letter.reason, letter.detail) == ("malformed_json", "no JSON")
    assert (letter.contract_version, letter.truncated) == (CONTRACT_VERSION, None)


@pytest.mark.parametrize("empty", [None, b""])
def test_null_and_empty_values_are_distinguished(empty: bytes | None) -> None:
    letter = letter_of(value=empty, key=empty, headers=[("h", empty)])
    assert (letter.value, letter.key, letter.headers) == (empty, empty, [("h", empty)])


def test_oversized_value_is_truncated_with_its_size_and_digest() -> None:
    value = bytes(range(256)) * 8 * 1024
    letter = letter_of(value=value, key=b"k", headers=[("h", b"x")])
    assert letter.truncated == Truncated(len(value), sha256(value).hexdigest())
    assert letter.value
    assert value.startswith(letter.value)
    assert len(letter.value) > MIB * 0.74, "as much as there is room for"
    assert (letter.key, letter.headers) == (b"k", [("h", b"x")])


def test_oversized_headers_and_key_are_left_out() -> None:
    value = b"v" * 100
    letter = letter_of(value=value, headers=[("h", b"x" * MIB)], key=b"k")
    assert letter.truncated == Truncated(100, sha256(value).hexdigest(), headers_omitted=True)
    assert (letter.key, letter.headers, letter.value) == (b"k", [], value)
    letter = letter_of(value=None, key=b"k" * MIB)
    assert letter.truncated == Truncated(
        0, sha256(b"").hexdigest(), headers_omitted=True, key_omitted=True
    )
    assert (letter.key, letter.value) == (None, None)


def test_detail_that_quotes_the_record_is_shortened() -> None:
    quoting = InvalidRecord(
        DeadLetterReason.UNKNOWN_CATEGORY, "Invalid enum value " + "\ud800" * MIB
    )
    assert len(letter_of(invalid=quoting).detail) == 500
