"""A table -> the types of its events, as `contract.cars` has them written out."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from contract.scalars import EventId, Milliseconds, Probability
from contract.table.description import Column, Table


def record(table: Table) -> type[Struct]:
    """The value of `customers`: a field for each column, and what every record may bring."""
    return _struct(
        "CustomerRecord",
        "A row of the table; further fields are ignored.",
        [
            *(_field(column) for column in table.columns),
            ("id", EventId | None, None),
            ("event_time", Milliseconds | None, None),
        ],
        omit_defaults=True,
        kw_only=True,  # what may lack stands between what may not
    )


def prediction(table: Table) -> type[Struct]:
    """The value of `predictions`."""
    of = (
        f"is that of {table.target.classes[1]!r}"
        if len(table.target.classes) == 2
        else "is that of the class which is told"
    )
    return _struct(
        "Prediction",
        f"What the champion thinks of one record; the message keeps its key and headers.\n\n"
        f"`probability` {of}. `partition` and `offset` say where in\n"
        "`customers` the record stands.",
        [
            ("id", EventId),
            ("prediction", Literal[table.target.classes]),
            ("probability", Probability),
            ("model", str),
            ("model_version", str),
            ("event_time", Milliseconds),
            ("scored_at", Milliseconds),
            ("partition", int),
            ("offset", int),
        ],
    )


def outcome(table: Table) -> type[Struct]:
    """The value of `outcomes`."""
    return _struct(
        "Outcome",
        "What really came, known some time after the prediction. Joined on `id`.",
        [("id", EventId), ("actual", Literal[table.target.classes])],
        rename={"actual": table.target.name},
    )


def _field(column: Column) -> tuple[str, Any] | tuple[str, Any, None]:
    kind = _kind(column)
    return (column.name, kind | None, None) if column.missing else (column.name, kind)


def _kind(column: Column) -> Any:
    if column.range is None:
        kind: Any = Literal[column.values]
        return Annotated[kind, Meta(description=column.words)] if column.words else kind
    least, most = column.range
    if column.whole:
        return Annotated[int, Meta(ge=int(least), le=int(most), description=column.words or None)]
    return Annotated[float, Meta(ge=least, le=most, description=column.words or None)]


def _struct(name: str, words: str, fields: list[Any], **config: Any) -> type[Struct]:
    return msgspec.defstruct(
        name,
        fields,
        module="contract.events",
        namespace={"__doc__": words},
        frozen=True,
        gc=False,
        **config,
    )
