"""Raw messages -> columns. What does not fit the contract is counted, never an exception. Pure."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from contract import codec
from contract.errors import InvalidRecord
from contract.events import CustomerRecord, Prediction, made_id
from monitoring.windows.batch import Batch, Invalid, Messages, Outcomes
from monitoring.windows.ids import hashes

E = TypeVar("E")


def customers(messages: Messages) -> tuple[Batch[CustomerRecord], list[Invalid]]:
    """The customer records, and the messages that are none.

    A record without an id or a time gets those of its message, as the scorer gives them.
    """
    valid, records, invalid = _decoded(codec.decode_customer, messages)
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
        hashes(ids),
        np.array(times, np.int64),
        records,
    )
    return batch, invalid


def predictions(messages: Messages) -> tuple[Batch[Prediction], list[Invalid]]:
    """The predictions, and the messages that are none."""
    valid, events, invalid = _decoded(codec.decode_prediction, messages)
    batch = Batch(
        messages.place,
        np.array([messages.offsets[index] for index in valid], np.int64),
        hashes(event.id for event in events),
        np.array([event.event_time for event in events], np.int64),
        events,
    )
    return batch, invalid


def outcomes(messages: Messages) -> tuple[Outcomes, list[Invalid]]:
    """The outcomes, and the messages that are none."""
    valid, events, invalid = _decoded(codec.decode_outcome, messages)
    batch = Outcomes(
        messages.place,
        np.array([messages.offsets[index] for index in valid], np.int64),
        hashes(event.id for event in events),
        np.array([event.purchased for event in events], np.uint8),
    )
    return batch, invalid


def _decoded(
    decode: Callable[[bytes | None], E], messages: Messages
) -> tuple[list[int] | range, list[E], list[Invalid]]:
    """Indices of the valid messages, their events, and the others."""
    values = messages.values
    try:
        return range(len(values)), [decode(value) for value in values], []
    except InvalidRecord:
        return _one_by_one(decode, messages)


def _one_by_one(
    decode: Callable[[bytes | None], E], messages: Messages
) -> tuple[list[int], list[E], list[Invalid]]:
    valid, events, invalid = [], [], []
    for index, value in enumerate(messages.values):
        try:
            events.append(decode(value))
        except InvalidRecord as why:
            place = messages.offsets[index], messages.timestamps[index]
            invalid.append(Invalid(*place, why.reason))
        else:
            valid.append(index)
    return valid, events, invalid
