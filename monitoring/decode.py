"""Raw messages -> columns. What does not fit the contract is counted, never an exception. Pure."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from contract import codec
from contract.errors import InvalidRecord
from contract.events import CustomerRecord, Prediction, made_id
from monitoring.batch import Batch, Messages, Outcomes
from monitoring.ids import hashes

E = TypeVar("E")


def customers(messages: Messages, seed: int) -> tuple[Batch[CustomerRecord], int]:
    """The customer records, and how many messages are none.

    A record without an id or a time gets those of its message, as the scorer gives them.
    """
    valid, records = _decoded(codec.decode_customer, messages)
    offsets = [messages.offsets[index] for index in valid]
    stamps = messages.timestamps
    times = [
        stamps[index] if record.event_time is None else record.event_time
        for index, record in zip(valid, records, strict=True)
    ]
    ids = [
        record.id or made_id(*messages.place, offset)
        for record, offset in zip(records, offsets, strict=True)
    ]
    batch = Batch(
        messages.place,
        np.array(offsets, np.int64),
        hashes(ids, seed),
        np.array(times, np.int64),
        records,
    )
    return batch, len(messages.values) - len(records)


def predictions(messages: Messages, seed: int) -> tuple[Batch[Prediction], int]:
    """The predictions, and how many messages are none."""
    valid, events = _decoded(codec.decode_prediction, messages)
    batch = Batch(
        messages.place,
        np.array([messages.offsets[index] for index in valid], np.int64),
        hashes((event.id for event in events), seed),
        np.array([event.event_time for event in events], np.int64),
        events,
    )
    return batch, len(messages.values) - len(events)


def outcomes(messages: Messages, seed: int) -> tuple[Outcomes, int]:
    """The outcomes, and how many messages are none."""
    valid, events = _decoded(codec.decode_outcome, messages)
    batch = Outcomes(
        messages.place,
        np.array([messages.offsets[index] for index in valid], np.int64),
        hashes((event.id for event in events), seed),
        np.array([event.purchased for event in events], np.uint8),
    )
    return batch, len(messages.values) - len(events)


def _decoded(
    decode: Callable[[bytes | None], E], messages: Messages
) -> tuple[list[int] | range, list[E]]:
    """Indices of the valid messages, and their events."""
    values = messages.values
    try:
        return range(len(values)), [decode(value) for value in values]
    except InvalidRecord:
        return _one_by_one(decode, messages)


def _one_by_one(
    decode: Callable[[bytes | None], E], messages: Messages
) -> tuple[list[int], list[E]]:
    valid, events = [], []
    for index, value in enumerate(messages.values):
        try:
            events.append(decode(value))
        except InvalidRecord:
            continue
        valid.append(index)
    return valid, events
