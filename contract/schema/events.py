"""Columns and target -> the types of the events: record, prediction and outcome."""

import sys
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from contract.scalars import EventId, Milliseconds, Probability
from contract.schema.columns import MAX_INTEGER, MAX_TEXT, Column, Target


class EventTypes(NamedTuple):
    """The types of the events that depend on the schema.

    Attributes:
        record: Value of the topic `customers`.
        prediction: Value of the topic `predictions`.
        outcome: Value of the topic `outcomes`.
    """

    record: Any
    prediction: Any
    outcome: Any


MAX_FLOAT: Final = sys.float_info.max

PREDICTION_NAMES: Final = frozenset(
    (
        "id", "prediction", "probability", "interval", "model", "model_version", "event_time",
        "scored_at", "partition", "offset",
    )
)  # fmt: skip
"""Fields of predictions."""


def event_types(
    columns: Iterable[Column], target: Target, prediction_fields: Iterable[str] = ()
) -> EventTypes:
    """Builds the event types of a schema. `prediction_fields` are columns in predictions too."""
    by_name = {column.name: column for column in columns}
    carried = [by_name[name] for name in prediction_fields]
    return EventTypes(_record(by_name.values()), _prediction(target, carried), _outcome(target))


def _record(columns: Iterable[Column]) -> type[Struct]:
    columns = tuple(columns)
    return _struct(
        "CustomerRecord",
        "A record of the schema; further fields are ignored.",
        [
            *(_field(column) for column in columns),
            ("id", EventId | None, None),
            ("event_time", Milliseconds | None, None),
        ],
        rename={column.name: column.wire_name for column in columns},
        omit_defaults=True,
        kw_only=True,  # nullable fields precede required ones
    )


def _prediction(target: Target, carried: Iterable[Column]) -> type[Struct]:
    reported = _numbers_reported(target) if target.numeric else _classes_reported(target)
    return _struct(
        "Prediction",
        f"The champion's prediction for one record; the message keeps its key and headers.\n\n"
        f"{reported.description} `partition` and `offset` are those of the record in\n"
        "`customers`.",
        [
            ("id", EventId),
            ("prediction", reported.prediction),
            (reported.name, reported.detail),
            ("model", str),
            ("model_version", str),
            ("event_time", Milliseconds),
            ("scored_at", Milliseconds),
            ("partition", int),
            ("offset", int),
            *(
                (column.name, _kind(column) | None | UnsetType, UNSET)  # the scorer appends them
                for column in carried
            ),
        ],
        rename={column.name: column.wire_name for column in carried},
    )


class _Reported(NamedTuple):
    """What a prediction has of a model's output: the prediction, and a detail of it."""

    prediction: Any
    name: str
    detail: Any
    description: str


def _classes_reported(target: Target) -> _Reported:
    of = (
        f"is that of {target.classes[1]!r}"
        if len(target.classes) == 2
        else "is that of the predicted class"
    )
    prediction: Any = Literal[target.classes]
    return _Reported(prediction, "probability", Probability, f"`probability` {of}.")


def _numbers_reported(target: Target) -> _Reported:
    unit = f" in {target.unit}" if target.unit else ""
    return _Reported(
        float,
        "interval",
        tuple[float, float] | None,
        f"`prediction` is a number{unit}; `interval` has the ends of its prediction interval.",
    )


def _outcome(target: Target) -> type[Struct]:
    return _struct(
        "Outcome",
        "The ground truth, known some time after the prediction. Joined on `id`.",
        [("id", EventId), ("actual", _actual(target))],
        rename={"actual": target.wire_name},
    )


def _actual(target: Target) -> Any:
    if not target.numeric:
        return Literal[target.classes]
    lowest, highest = target.range or (-MAX_FLOAT, MAX_FLOAT)  # finite: Avro has NaN and infinity
    return Annotated[float, Meta(ge=lowest, le=highest)]


def _field(column: Column) -> tuple[str, Any] | tuple[str, Any, None]:
    kind = _kind(column)
    return (column.name, kind | None, None) if column.nullable else (column.name, kind)


def _kind(column: Column) -> Any:
    description = column.description or None
    if column.range is None:
        kind = _values(column)
        return Annotated[kind, Meta(description=description)] if description else kind
    lowest, highest = column.range
    if column.integer:
        return Annotated[int, Meta(ge=int(lowest), le=int(highest), description=description)]
    return Annotated[float, Meta(ge=lowest, le=highest, description=description)]


def _values(column: Column) -> Any:
    """The type of what is no number."""
    if column.type:
        return {"boolean": bool, "date": date, "datetime": datetime}[column.type]
    if not column.other:
        return Literal[column.categories]
    if column.coded:
        return Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
    return Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


def _struct(name: str, docstring: str, fields: list[Any], **config: Any) -> type[Struct]:
    return msgspec.defstruct(
        name,
        fields,
        module=__name__,
        namespace={"__doc__": docstring},
        frozen=True,
        gc=False,
        **config,
    )
