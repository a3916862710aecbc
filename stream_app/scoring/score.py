"""Scores a batch: raw messages in, encoded predictions and dead letters out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from contract import codec
from contract.errors import DeadLetterReason, InvalidRecord
from contract.events import CustomerRecord, made_id
from contract.message_headers import UNREADABLE_HEADER_ERRORS, find_unreadable_headers
from contract.scalars import MAX_MILLISECONDS
from contract.schema import Schema
from contract.schema.task import Floats
from contract.topic_decoder import TopicDecoder
from stream_app.scoring.dead_letter_builder import build_dead_letter
from stream_app.scoring.message import Message, MessageLimits, OutgoingMessage
from stream_app.scoring.model import Model
from stream_app.scoring.shadow import ShadowResult, score_with_shadow


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """A scored batch. Each of its records has either a prediction or a dead letter.

    Attributes:
        predictions: In the order of the batch.
        dead_letters: In the order of the batch.
        invalid: Why a record has a dead letter, by its index in the batch.
        timestamps: Kafka timestamps of the messages, ms since the epoch, shape (n,).
        step_seconds: Time spent, by step.
        shadow: The shadow's predictions for the same records, if there is a shadow.
    """

    predictions: list[OutgoingMessage]
    dead_letters: list[OutgoingMessage]
    invalid: dict[int, InvalidRecord]
    timestamps: NDArray[np.int64]
    step_seconds: dict[str, float]
    shadow: ShadowResult | None = None


def score_batch(  # noqa: PLR0913  what a batch depends on
    messages: Sequence[Message],
    model: Model,
    now: int,
    limits: MessageLimits,
    shadow: Model | None = None,
    *,
    decoder: TopicDecoder[CustomerRecord] | None = None,
) -> ScoredBatch:
    """Decodes, scores and encodes a batch.

    Args:
        messages: As consumed from `customers`.
        model: The version that scores all of them.
        now: Scoring time, ms since the epoch.
        limits: Maximum size of a dead letter.
        shadow: A version that scores the same records for comparison only. Its failure does not
            affect the predictions.
        decoder: Decodes the messages, whose schemas are resolved; by default from JSON.
    """
    schema, models = model.schema, (model, shadow)
    if decoder is None:
        decoder = TopicDecoder(schema.codec.customers, schema.record_mapping)
    if decoder.uses_headers:  # the client reports such a header only once
        unreadable = find_unreadable_headers(messages)
        return _score_batch(messages, decoder, models, now, limits, unreadable)
    try:
        return _score_batch(messages, decoder, models, now, limits, {})
    except UNREADABLE_HEADER_ERRORS:
        unreadable = find_unreadable_headers(messages)
        return _score_batch(messages, decoder, models, now, limits, unreadable)


def _score_batch(  # noqa: PLR0913, PLR0917
    messages: Sequence[Message],
    decoder: TopicDecoder[CustomerRecord],
    models: tuple[Model, Model | None],
    now: int,
    limits: MessageLimits,
    unreadable: Mapping[int, InvalidRecord],
) -> ScoredBatch:
    model, shadow = models
    schema, task = model.schema, model.schema.task
    started = perf_counter()
    decoded = decoder.decode(messages, unreadable)
    timestamps = _timestamps(messages, now)
    decoded_at = perf_counter()

    records = decoded.events
    outputs = model.outputs(records) if records else np.empty(0)
    invalid = {**decoded.invalid, **unreadable}
    # Of a checked model, they are invalid for rare values at most.
    are_valid = task.valid(outputs)
    if not are_valid.all():
        indices = _without(range(len(messages)), invalid)
        scored = np.asarray(are_valid.reshape(len(records), -1).all(axis=1))
        invalid |= {indices[row]: _no_output(model) for row in np.flatnonzero(~scored).tolist()}
        records = [record for record, valid in zip(records, scored, strict=True) if valid]
        outputs = outputs[scored]
    predicted_at = perf_counter()
    valid = _without(messages, invalid)

    def encode_predictions(by: Model, model_outputs: Floats) -> list[OutgoingMessage]:
        rows = zip(
            valid,
            records,
            *task.report(model_outputs, by.rule),
            _without(timestamps.tolist(), invalid),
            strict=True,
        )
        sent = _with_headers(_predictions(rows, by, now), valid)
        return _with_fields(sent, records, schema) if schema.prediction_fields else sent

    predictions = encode_predictions(model, outputs)
    encoded_at = perf_counter()
    return ScoredBatch(
        predictions=predictions,
        dead_letters=[
            build_dead_letter(messages[index], reason, limits.dead_letters)
            for index, reason in invalid.items()
        ],
        invalid=invalid,
        timestamps=timestamps,
        step_seconds={
            "decode": decoded_at - started,
            "predict": predicted_at - decoded_at,
            "encode": encoded_at - predicted_at,
        },
        shadow=score_with_shadow(shadow, model, records, outputs, encode_predictions),
    )


def _no_output(model: Model) -> InvalidRecord:
    return InvalidRecord(
        DeadLetterReason.NO_PROBABILITY,
        f"version {model.version} of {model.name} gives no {model.schema.task.output} for it: "
        "promote another version, then redrive it",
    )


def _predictions(
    rows: Iterable[tuple[Message, CustomerRecord, Any, Any, int]], model: Model, now: int
) -> list[OutgoingMessage]:
    """Encodes a prediction per row: message, record, prediction, its detail and timestamp.

    A single expression per record, because most of a batch's time is spent here.
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
                    detail,
                    name,
                    version,
                    timestamp if record.event_time is None else record.event_time,
                    now,
                    message.partition(),
                    message.offset(),
                )
            ),
        }
        for message, record, prediction, detail, timestamp in rows
    ]


def _with_headers(
    predictions: list[OutgoingMessage], messages: Sequence[Message]
) -> list[OutgoingMessage]:
    """Copies the headers of the messages, most of which have none, to their predictions."""
    copied = [message.headers() for message in messages]
    if any(copied):
        for prediction, headers in zip(predictions, copied, strict=True):
            if headers:
                prediction["headers"] = headers
    return predictions


def _with_fields(
    predictions: list[OutgoingMessage], records: Sequence[CustomerRecord], schema: Schema
) -> list[OutgoingMessage]:
    """Appends the columns to each prediction that the schema's predictions carry."""
    wire_names = {column.name: column.wire_name for column in schema.columns}
    names = [(name, wire_names[name]) for name in schema.prediction_fields]
    for prediction, record in zip(predictions, records, strict=True):
        fields = codec.encode({wire: getattr(record, name) for name, wire in names})
        prediction["value"] = b"%s,%s" % (prediction["value"][:-1], fields[1:])
    return predictions


T = TypeVar("T")


def _without(items: Sequence[T], excluded: Mapping[int, object]) -> Sequence[T]:
    """The items whose index is not excluded."""
    if not excluded:
        return items
    return [item for index, item in enumerate(items) if index not in excluded]


def _timestamps(messages: Sequence[Message], now: int) -> NDArray[np.int64]:
    """Kafka timestamps in ms, shape (n,). `now` replaces those that are missing or out of range."""
    times = np.array([message.timestamp()[1] for message in messages], dtype=np.int64)
    return np.where((times >= 0) & (times <= MAX_MILLISECONDS), times, now)
