"""What a closed window was made of <-> plain arrays, for its archive. Pure."""

from collections.abc import Iterable
from typing import Any, Final, Protocol

import msgspec
import numpy as np

from contract import codec
from contract.schema import Schema
from monitoring.windows.batch import TopicPartition
from monitoring.windows.window import WindowHeader, WindowState

RECORDS: Final = "records."
"""Prefix of the arrays' names."""

COLUMNS: Final = ("customers", "predictions", "shadow")
"""The columns of ids, in the order of `WindowState.ids`."""

HEADER: Final = "header.msgpack"
LINE_END: Final = b"\n"


class Arrays(Protocol):
    """Arrays by name, as an open NPZ file has them."""

    files: list[str]

    def __getitem__(self, name: str) -> np.ndarray:
        """Reads an array."""


def state_to_arrays(state: WindowState) -> dict[str, np.ndarray]:
    """The arrays of a window."""
    arrays = {HEADER: _bytes_array(msgspec.msgpack.encode(state.header))}
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
        header,
        ids=[
            (arrays[f"{RECORDS}{name}.ids"], arrays[f"{RECORDS}{name}.codes"]) for name in COLUMNS
        ],
        customers=dict(zip(_sample_ids(arrays, "customers"), customers.events, strict=True)),
        predictions=dict(zip(_sample_ids(arrays, "predictions"), predictions.events, strict=True)),
    )


def last_offsets(arrays: Arrays) -> dict[TopicPartition, int] | None:
    """`WindowHeader.last_offsets` of the window; None if it takes no late records."""
    header = _header(arrays)
    return None if header is None else header.last_offsets


def _header(arrays: Arrays) -> WindowHeader | None:
    name = f"{RECORDS}{HEADER}"
    if name not in arrays.files:
        return None
    return msgspec.msgpack.decode(arrays[name].tobytes(), type=WindowHeader)


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
