"""Raw messages -> columns. What does not fit the contract is counted, never an exception. Pure."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from pandas.util import hash_array

from contract import codec
from contract.classes import CODES
from contract.codec import Decoded
from contract.events import CustomerRecord, Prediction, made_id
from monitoring.windows.batch import Batch, Hashes, Integers, Invalid, Messages, Outcomes

E = TypeVar("E")


def customers(messages: Messages) -> tuple[Batch[CustomerRecord], list[Invalid]]:
    """The customer records, and the messages that are none.

    A record without an id or a time gets those of its message, as the scorer gives them.
    """
    decoded = codec.decode_customers(messages.values)
    offsets = _of_valid(messages.offsets, decoded)
    stamps = _of_valid(messages.timestamps, decoded).tolist()
    records = decoded.events
    times = [
        stamp if record.event_time is None else record.event_time
        for stamp, record in zip(stamps, records, strict=True)
    ]
    ids = [
        record.id or made_id(*messages.place, offset)
        for record, offset in zip(records, offsets.tolist(), strict=True)
    ]
    batch = Batch(messages.place, offsets, hashes(ids), np.array(times, np.int64), records)
    return batch, _invalid(messages, decoded)


def predictions(messages: Messages) -> tuple[Batch[Prediction], list[Invalid]]:
    """The predictions, and the messages that are none."""
    decoded = codec.decode_predictions(messages.values)
    batch = Batch(
        messages.place,
        _of_valid(messages.offsets, decoded),
        hashes([event.id for event in decoded.events]),
        np.array([event.event_time for event in decoded.events], np.int64),
        decoded.events,
    )
    return batch, _invalid(messages, decoded)


def outcomes(messages: Messages) -> tuple[Outcomes, list[Invalid]]:
    """The outcomes, and the messages that are none."""
    decoded = codec.decode_outcomes(messages.values)
    batch = Outcomes(
        messages.place,
        _of_valid(messages.offsets, decoded),
        hashes([event.id for event in decoded.events]),
        np.array([CODES[event.actual] for event in decoded.events], np.uint8),
    )
    return batch, _invalid(messages, decoded)


def _of_valid(column: list[int], decoded: Decoded[E]) -> Integers:
    """The column's values of the messages that are valid."""
    values = np.array(column, np.int64)
    return np.delete(values, list(decoded.invalid)) if decoded.invalid else values


def _invalid(messages: Messages, decoded: Decoded[E]) -> list[Invalid]:
    return [
        Invalid(messages.offsets[index], messages.timestamps[index], why.reason)
        for index, why in decoded.invalid.items()
    ]


def hashes(ids: Sequence[str]) -> Hashes:
    """The hash of each id, shape (n,): SipHash with a fixed key, so the same in every process.

    Two of ten million ids share a hash once in 400,000 windows; they would count as one.
    """
    found: Hashes = hash_array(np.array(ids, dtype=object), categorize=False)
    return found
