"""What a closed window was made of <-> plain arrays, for its archive. Pure."""

from collections.abc import Iterable
from typing import Any, Final, Protocol

import msgspec
import numpy as np
from msgspec import Struct

from contract import codec
from contract.schema import Schema
from monitoring.windows.batch import TopicPartition
from monitoring.windows.window import WindowState

RECORDS: Final = "records."
"""Prefix of the arrays' names."""

COLUMNS: Final = ("customers", "predictions", "shadow")
"""The columns of ids, in the order of `WindowState.ids`."""

LINE_END: Final = b"\n"


class Arrays(Protocol):
    """Arrays by name, as an open NPZ file has them."""

    files: list[str]

    def __getitem__(self, name: str) -> np.ndarray:
        """Reads an array."""


class _Header(Struct, frozen=True):
    """All that is no array. Offsets are by topic and partition."""

    start: int
    end: int
    revision: int
    records: dict[str, int]
    invalid: dict[str, int]
    last_offsets: list[tuple[str, int, int]]
    missing_partitions: list[TopicPartition]
    id_limit: int
    versions: list[str]


def state_to_arrays(state: WindowState) -> dict[str, np.ndarray]:
    """The arrays of a window."""
    header = _Header(
        start=state.start,
        end=state.end,
        revision=state.revision,
        records=dict(state.records),
        invalid=dict(state.invalid),
        last_offsets=[(*partition, offset) for partition, offset in state.last_offsets.items()],
        missing_partitions=list(state.missing_partitions),
        id_limit=state.id_limit,
        versions=list(state.versions),
    )
    arrays = {"header": _bytes_array(msgspec.json.encode(header))}
    for name, (ids, codes) in zip(COLUMNS, state.ids, strict=True):
        arrays |= {f"{name}.ids": ids, f"{name}.codes": codes}
    for name, sample in (("customers", state.customers), ("predictions", state.predictions)):
        arrays[f"{name}.sample_ids"] = np.array(list(sample), np.uint64)
        arrays[f"{name}.sample"] = _bytes_array(_lines(sample.values()))
    return {f"{RECORDS}{name}": array for name, array in arrays.items()}


def state_of(arrays: Arrays, schema: Schema) -> WindowState | None:
    """The window of these arrays; None if they have none, or events of another schema."""
    header = _header(arrays)
    if header is None:
        return None
    customers = schema.codec.decode_customers(_split(arrays, "customers"))
    predictions = schema.codec.decode_predictions(_split(arrays, "predictions"))
    if customers.invalid or predictions.invalid:
        return None
    return WindowState(
        start=header.start,
        end=header.end,
        revision=header.revision,
        records=header.records,
        invalid=header.invalid,
        last_offsets=_offsets(header),
        missing_partitions=header.missing_partitions,
        id_limit=header.id_limit,
        versions=header.versions,
        ids=[
            (arrays[f"{RECORDS}{name}.ids"], arrays[f"{RECORDS}{name}.codes"]) for name in COLUMNS
        ],
        customers=dict(zip(_sample_ids(arrays, "customers"), customers.events, strict=True)),
        predictions=dict(zip(_sample_ids(arrays, "predictions"), predictions.events, strict=True)),
    )


def last_offsets(arrays: Arrays) -> dict[TopicPartition, int] | None:
    """`WindowState.last_offsets` of the window; None if it takes no late records."""
    header = _header(arrays)
    return None if header is None else _offsets(header)


def _header(arrays: Arrays) -> _Header | None:
    name = f"{RECORDS}header"
    if name not in arrays.files:
        return None
    return msgspec.json.decode(arrays[name].tobytes(), type=_Header)


def _offsets(header: _Header) -> dict[TopicPartition, int]:
    return {(topic, partition): offset for topic, partition, offset in header.last_offsets}


def _lines(events: Iterable[Any]) -> bytes:
    return LINE_END.join(map(codec.encode, events))


def _bytes_array(content: bytes) -> np.ndarray:
    return np.frombuffer(content, np.uint8)


def _split(arrays: Arrays, name: str) -> list[bytes | None]:
    content = arrays[f"{RECORDS}{name}.sample"].tobytes()
    return [*content.split(LINE_END)] if content else []


def _sample_ids(arrays: Arrays, name: str) -> list[int]:
    ids: list[int] = arrays[f"{RECORDS}{name}.sample_ids"].tolist()
    return ids
