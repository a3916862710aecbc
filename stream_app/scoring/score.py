"""Scores a batch: raw messages in, encoded predictions and dead letters out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from contract import codec
from contract.errors import InvalidRecord
from contract.events import CustomerRecord, made_id
from contract.scalars import LATEST
from stream_app.scoring.dead_letters import dead_letter
from stream_app.scoring.headers import UNREADABLE_HEADER, unreadable
from stream_app.scoring.message import Limits, Message, Outgoing
from stream_app.scoring.model import Model
from stream_app.scoring.shadow import Shadowed, shadowed


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored batch: each of its records is in one of the two lists.

    Attributes:
        predictions: in the order of the batch.
        dead_letters: likewise.
        invalid: why each dead letter is one, by its index in the batch.
        created: timestamps of the batch's messages in ms, shape (n,).
        seconds: time spent by step.
        shadow: what another version says of the same records, if there is one.
    """

    predictions: list[Outgoing]
    dead_letters: list[Outgoing]
    invalid: dict[int, InvalidRecord]
    created: NDArray[np.int64]
    seconds: dict[str, float]
    shadow: Shadowed | None = None


def score(
    messages: Sequence[Message],
    model: Model,
    now: int,
    limits: Limits,
    shadow: Model | None = None,
) -> Scored:
    """Decodes, scores and encodes a batch.

    Args:
        messages: as consumed from `customers`.
        model: what scores all of them.
        now: the scoring time in ms.
        limits: how large a dead letter may be.
        shadow: what scores them as well, without a say; a fault of it stays its own.
    """
    try:
        return _score(messages, (model, shadow), now, limits, {})
    except UNREADABLE_HEADER:
        return _score(messages, (model, shadow), now, limits, unreadable(messages))


def _score(
    messages: Sequence[Message],
    models: tuple[Model, Model | None],
    now: int,
    limits: Limits,
    refused: Mapping[int, InvalidRecord],
) -> Scored:
    model, shadow = models
    schema, classes = model.schema, model.schema.classes
    started = perf_counter()
    values = [message.value() for message in messages]
    for index in refused:
        values[index] = None
    decoded = schema.codec.decode_customers(values)
    created = _created(messages, now)
    decoded_at = perf_counter()

    probabilities = model.probabilities(decoded.events) if decoded.events else np.empty(0)
    predicted_at = perf_counter()

    invalid = {**decoded.invalid, **refused}
    valid = _without(messages, invalid)

    def predictions(by: Model, said: NDArray[np.float64]) -> list[Outgoing]:
        rows = zip(
            valid,
            decoded.events,
            classes.decode(classes.predict(said)).tolist(),
            classes.reported_probability(said).tolist(),
            _without(created.tolist(), invalid),
            strict=True,
        )
        return _with_headers(_predictions(rows, by, now), valid)

    answers = predictions(model, probabilities)
    encoded_at = perf_counter()
    return Scored(
        predictions=answers,
        dead_letters=[
            dead_letter(messages[index], why, limits.dead_letters) for index, why in invalid.items()
        ],
        invalid=invalid,
        created=created,
        seconds={
            "decode": decoded_at - started,
            "predict": predicted_at - decoded_at,
            "encode": encoded_at - predicted_at,
        },
        shadow=shadowed(shadow, model, decoded.events, probabilities, predictions),
    )


def _predictions(
    rows: Iterable[tuple[Message, CustomerRecord, Any, float, int]], model: Model, now: int
) -> list[Outgoing]:
    """Encodes a prediction for each message, its record, class, probability and timestamp.

    One expression a record: this is where most of a batch's time goes.
    """
    name, version, encode = model.name, model.version, codec.encode
    make_prediction = model.schema.events.prediction
    return [
        {
            "key": message.key(),
            "value": encode(
                make_prediction(
                    record.id or made_id(message.topic(), message.partition(), message.offset()),
                    prediction,
                    probability,
                    name,
                    version,
                    created if record.event_time is None else record.event_time,
                    now,
                    message.partition(),
                    message.offset(),
                )
            ),
        }
        for message, record, prediction, probability, created in rows
    ]


def _with_headers(predictions: list[Outgoing], messages: Sequence[Message]) -> list[Outgoing]:
    """The predictions with the headers of their messages, most of which have none."""
    carried = [message.headers() for message in messages]
    if any(carried):
        for prediction, headers in zip(predictions, carried, strict=True):
            if headers:
                prediction["headers"] = headers
    return predictions


T = TypeVar("T")


def _without(items: Sequence[T], left_out: Mapping[int, object]) -> Sequence[T]:
    """The items whose index is not left out."""
    if not left_out:
        return items
    return [item for index, item in enumerate(items) if index not in left_out]


def _created(messages: Sequence[Message], now: int) -> NDArray[np.int64]:
    """The messages' timestamps in ms, shape (n,); now where one has none, or is no time."""
    times = np.array([message.timestamp()[1] for message in messages], dtype=np.int64)
    return np.where((times >= 0) & (times <= LATEST), times, now)
