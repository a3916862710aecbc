"""`python -m benchmarks.encodings`: writes docs/benchmarks/encodings.md, in a minute."""

import gc
import io
import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Final

import fastavro
import numpy as np
from confluent_kafka import Message
from numpy.typing import NDArray

from benchmarks.page import put
from benchmarks.timing import fastest
from contract.decoding import HEADER_SIZE, Values
from contract.encodings.avro import AvroSchema, Fields
from contract.errors import InvalidRecord
from contract.schema import CARS
from contract.schema.task import DecisionRule
from contract.topic_decoder import TopicDecoder
from stream_app.scoring.message import MessageLimits
from stream_app.scoring.score import score_batch
from stream_app.worker import COLLECTION_THRESHOLD

BATCH: Final = 10_000
ROUNDS: Final = 40
NOW: Final = 1_800_000_000_000

SCHEMA: Final = {
    "type": "record",
    "name": "Customer",
    "fields": [
        {"name": "id", "type": ["null", "string"]},
        {"name": "event_time", "type": ["null", "long"]},
        {"name": "Gender", "type": "string"},
        {"name": "Age", "type": "double"},
        {"name": "AnnualSalary", "type": "double"},
    ],
}


class OneSchema:
    """An encoding of values with the same schema, which is known."""

    def __init__(self) -> None:
        self._schema = AvroSchema(json.dumps(SCHEMA))

    def has_unresolved(self, values: Values) -> bool:
        """It has none."""
        del values
        return False

    def resolve(self, values: Values) -> None:
        """There is nothing to do."""

    def decode(self, values: Values) -> list[Fields | InvalidRecord]:
        """The fields of each value."""
        return self._schema.decode([value[HEADER_SIZE:] for value in values if value is not None])


class Constant:
    """A model that takes no time."""

    name, version, schema, rule = "car-purchase", "1", CARS, DecisionRule(0.5)

    def outputs(self, records: Sequence[Any]) -> NDArray[np.float64]:
        """The same for all."""
        return np.full(len(records), 0.5)


def main() -> None:
    """Measures and writes the page."""
    gc.set_threshold(COLLECTION_THRESHOLD, 10, 10)  # as in a worker
    rows = [
        {
            "id": f"customer-{number}",
            "event_time": NOW - number,
            "Gender": "Female" if number % 2 else "Male",
            "Age": float(18 + number % 50),
            "AnnualSalary": 20_000.5 + number,
        }
        for number in range(BATCH)
    ]
    plain = TopicDecoder(CARS.codec.customers)
    avro = TopicDecoder(CARS.codec.customers, encoding=OneSchema())
    contenders = {
        "JSON": (plain, [json.dumps(row).encode() for row in rows]),
        "Avro": (avro, [_avro(row) for row in rows]),
    }
    lines = []
    base: tuple[float, float] | None = None
    for name, (decoder, values) in contenders.items():
        messages = [Message(topic="customers", value=value) for value in values]
        decode = _microseconds(lambda d=decoder, m=messages: d.decode(m))  # type: ignore[misc]
        score = _microseconds(lambda d=decoder, m=messages: _score(m, d))  # type: ignore[misc]
        base = base or (decode, score)
        size = sum(map(len, values)) / BATCH
        lines.append(
            f"| {name} | {size:.0f} | {decode:.2f} | {base[0] / decode:.2f} | {score:.2f} | "
            f"{base[1] / score:.2f} |"
        )
    put(
        "benchmarks/encodings.md",
        "encodings",
        "\n".join([*HEADER, *lines]) + f"\n\nVersions: fastavro {version('fastavro')}, msgspec "
        f"{version('msgspec')}.",
    )


HEADER: Final = (
    "| | bytes | decoding, us a record | speed of JSON | and scoring, us | speed of JSON |",
    "| --- | --- | --- | --- | --- | --- |",
)


def _avro(row: dict[str, Any]) -> bytes:
    data = io.BytesIO()
    data.write(b"\0\0\0\0\1")
    fastavro.schemaless_writer(data, SCHEMA, row)
    return data.getvalue()


def _score(messages: Sequence[Any], decoder: TopicDecoder[Any]) -> None:
    scored = score_batch(
        messages, Constant(), NOW, MessageLimits(1_000_000, 1_000_000), decoder=decoder
    )
    if len(scored.predictions) < BATCH:
        raise ValueError("not all were scored")


def _microseconds(work: Callable[[], Any]) -> float:
    """Processor time a record."""
    return fastest(work, ROUNDS) / BATCH * 1e6


if __name__ == "__main__":
    main()
