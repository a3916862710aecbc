"""Values with a Schema Registry's header -> their fields. The schemas are resolved before."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Final

from contract.decoding import HEADER_SIZE, Values, has_header, null_value
from contract.encodings.avro import AvroSchema, Fields, InvalidSchema
from contract.encodings.registry import RegisteredSchema, SchemaRegistry, subject_of
from contract.errors import DeadLetterReason, InvalidRecord, SchemaRegistryUnavailable

log = logging.getLogger(__name__)

RESOLVE_SECONDS: Final = 5.0
"""After this time one call gives way to others, such as the next poll of the Kafka client."""

UNKNOWN_SECONDS: Final = 300.0
"""After this time the registry is asked again for an id that did not exist."""

_NULL: Final = null_value()
_NO_HEADER: Final = InvalidRecord(
    DeadLetterReason.MALFORMED_AVRO,
    "the value does not begin with a Schema Registry's header (a zero and the schema's id in four "
    "bytes): produce it with the registry's Avro serializer",
)

FindMismatches = Callable[[AvroSchema], Sequence[str]]
"""What is wrong with a schema for the records of ours, a text for each field."""


class RegisteredValues:
    """Decodes the values of a topic whose schemas are in a Schema Registry. Caches the schemas.

    A thread may decode while another one resolves the schemas of a later batch.

    Args:
        registry: Where the schemas are.
        topic: Name of the topic.
        find_mismatches: Compares a schema with ours. What it finds is logged, once for each schema.
    """

    def __init__(
        self, registry: SchemaRegistry, topic: str, find_mismatches: FindMismatches
    ) -> None:
        self._registry = registry
        self._topic = topic
        self._find_mismatches = find_mismatches
        self._schemas: dict[bytes, AvroSchema | InvalidRecord] = {}
        self._unknown_since: dict[bytes, float] = {}
        self._waits = False

    def check_latest(self) -> None:
        """Logs whether the latest schema of the topic's subject differs from ours."""
        subject = subject_of(self._topic)
        try:
            with self._registry:
                latest = self._registry.find_latest(subject)
        except SchemaRegistryUnavailable as failure:
            log.warning("the schema of topic=%s is not checked yet: %s", self._topic, failure)
            return
        if latest is None:
            log.info("no schema to check: the registry has no subject=%s", subject)
        else:
            self._prepare(latest, subject)

    def has_unresolved(self, values: Values) -> bool:
        """Whether `resolve` would ask the registry."""
        return bool(self._unresolved(values))

    def resolve(self, values: Values) -> None:
        """Finds the schemas of the values, so that `decode` can decode them.

        An id that the registry says does not exist is resolved too: its values are invalid.

        Raises:
            SchemaRegistryUnavailable: The registry does not say, or so many ids are unknown that
                this goes on in the next call. Logged at the first time.
        """
        headers = self._unresolved(values)
        if not headers:
            return
        try:
            self._resolve_all(headers)
        except SchemaRegistryUnavailable as failure:
            if not self._waits:
                log.warning("waiting for schemas: topic=%s: %s", self._topic, failure)
            self._waits = True
            raise
        if self._waits:
            log.info("the Schema Registry answers again topic=%s", self._topic)
        self._waits = False

    def decode(self, values: Values) -> list[Fields | InvalidRecord]:
        """The fields of each value, or why it has none. Raises nothing for resolved values."""
        indices: defaultdict[bytes | None, list[int]] = defaultdict(list)
        for index, value in enumerate(values):
            indices[None if value is None else value[:HEADER_SIZE]].append(index)
        rows: list[Fields | InvalidRecord] = [_NULL] * len(values)
        for header, places in indices.items():
            if header is None:
                continue
            schema = self._schemas[header] if has_header(header) else _NO_HEADER
            if isinstance(schema, InvalidRecord):
                decoded: Iterable[Fields | InvalidRecord] = [schema] * len(places)
            else:
                decoded = schema.decode([values[index][HEADER_SIZE:] for index in places])  # type: ignore[index]
            if len(indices) == 1:
                return list(decoded)
            for index, row in zip(places, decoded, strict=True):
                rows[index] = row
        return rows

    def _unresolved(self, values: Values) -> list[bytes]:
        headers = {value[:HEADER_SIZE] for value in values if value is not None}
        expired = monotonic() - UNKNOWN_SECONDS
        return [
            header
            for header in headers
            if has_header(header)
            and (header not in self._schemas or self._unknown_since.get(header, expired) < expired)
        ]

    def _resolve_all(self, headers: Sequence[bytes]) -> None:
        ends_at = monotonic() + RESOLVE_SECONDS
        with self._registry:
            for place, header in enumerate(headers):
                if monotonic() > ends_at:
                    raise SchemaRegistryUnavailable(
                        f"{len(headers) - place} schemas of {self._topic} are still to be looked up"
                    )
                self._resolve(header)

    def _resolve(self, header: bytes) -> None:
        schema_id = _id(header)
        schema = self._registry.find_schema(schema_id)
        if schema is None:
            self._unknown_since[header] = monotonic()
            self._schemas[header] = InvalidRecord(
                DeadLetterReason.UNKNOWN_SCHEMA,
                f"the Schema Registry has no schema with the id {schema_id}: register it, or check "
                "INTENT_SCHEMA_REGISTRY_URL, and redrive the record",
            )
        else:
            self._unknown_since.pop(header, None)
            self._schemas[header] = self._prepare(schema, f"id {schema_id}")

    def _prepare(self, schema: RegisteredSchema, name: str) -> AvroSchema | InvalidRecord:
        """The schema, ready to decode. Logs how it differs from ours."""
        try:
            prepared = schema.as_avro()
        except InvalidSchema as fault:
            log.warning("no Avro schema: topic=%s schema=%s: %s", self._topic, name, fault)
            return InvalidRecord(
                DeadLetterReason.UNKNOWN_SCHEMA,
                f"the schema {name} is no Avro schema that can be read: {fault}",
            )
        if faults := self._find_mismatches(prepared):
            log.warning(
                "records of this Avro schema become dead letters: topic=%s schema=%s: %s",
                self._topic,
                name,
                "; ".join(faults),
            )
        return prepared


def _id(header: bytes) -> int:
    return int.from_bytes(header[1:], "big")
