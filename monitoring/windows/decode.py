"""Raw messages -> column arrays. Invalid messages are returned, never raised. Pure."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from pandas.util import hash_array

from contract.decoding import Decoded
from contract.events import CustomerRecord, Prediction, made_id
from contract.schema import Schema
from monitoring.windows.batch import (
    EventBatch,
    Hashes,
    Integers,
    InvalidMessage,
    Labels,
    MessageBatch,
    OutcomeBatch,
)

E = TypeVar("E")


def decode_customers(
    messages: MessageBatch, schema: Schema
) -> tuple[EventBatch[CustomerRecord], list[InvalidMessage]]:
    """Decodes customer records.

    A record without an id or an event time gets one made from its message, as in the scorer.
    """
    decoded = schema.codec.decode_customers(messages.values)
    offsets = _of_valid(messages.offsets, decoded)
    timestamps = _of_valid(messages.timestamps, decoded).tolist()
    records = decoded.events
    times = [
        timestamp if record.event_time is None else record.event_time
        for timestamp, record in zip(timestamps, records, strict=True)
    ]
    ids = [
        record.id or made_id(*messages.partition, offset)
        for record, offset in zip(records, offsets.tolist(), strict=True)
    ]
    batch = EventBatch(
        messages.partition, offsets, hash_ids(ids), np.array(times, np.int64), records
    )
    return batch, _invalid(messages, decoded)


def decode_predictions(
    messages: MessageBatch, schema: Schema
) -> tuple[EventBatch[Prediction], list[InvalidMessage]]:
    """Decodes predictions, the champion's or the shadow's."""
    decoded = schema.codec.decode_predictions(messages.values)
    batch = EventBatch(
        messages.partition,
        _of_valid(messages.offsets, decoded),
        hash_ids([event.id for event in decoded.events]),
        np.array([event.event_time for event in decoded.events], np.int64),
        decoded.events,
    )
    return batch, _invalid(messages, decoded)


def decode_outcomes(
    messages: MessageBatch, schema: Schema
) -> tuple[OutcomeBatch, list[InvalidMessage]]:
    """Decodes outcomes."""
    decoded = schema.codec.decode_outcomes(messages.values)
    actual: Labels
    if schema.task.numeric:
        actual = np.array([event.actual for event in decoded.events], np.float64)
    else:
        code_of = schema.classes.code_of
        actual = np.array([code_of[event.actual] for event in decoded.events], np.uint8)
    batch = OutcomeBatch(
        messages.partition,
        _of_valid(messages.offsets, decoded),
        hash_ids([event.id for event in decoded.events]),
        actual,
    )
    return batch, _invalid(messages, decoded)


def hash_ids(ids: Sequence[str]) -> Hashes:
    """Hashes ids to 64 bits, shape (n,): SipHash with a fixed key, the same in every process.

    Windows are joined and sampled by these hashes. Two of ten million ids share a hash in one of
    400,000 windows; they would count as one.
    """
    hashes: Hashes = hash_array(np.array(ids, dtype=object), categorize=False)
    return hashes


def _of_valid(column: list[int], decoded: Decoded[E]) -> Integers:
    """The column without the values of invalid messages."""
    values = np.array(column, np.int64)
    return np.delete(values, list(decoded.invalid)) if decoded.invalid else values


def _invalid(messages: MessageBatch, decoded: Decoded[E]) -> list[InvalidMessage]:
    return [
        InvalidMessage(messages.offsets[index], messages.timestamps[index], fault.reason)
        for index, fault in decoded.invalid.items()
    ]
