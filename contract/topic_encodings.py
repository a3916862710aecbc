"""The encodings of `customers` and `outcomes`, as the settings say."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from contract.encodings.avro import AvroSchema
from contract.encodings.avro_writer import AvroWriter
from contract.encodings.matching import customer_mismatches, outcome_mismatches
from contract.encodings.registered_values import RegisteredValues
from contract.encodings.registry import SchemaRegistry
from contract.schema import Schema
from contract.settings import Settings, schema_of
from contract.topic_decoder import TopicDecoder

if TYPE_CHECKING:
    from contract.events import CustomerRecord, Outcome


def customer_decoder(settings: Settings) -> "TopicDecoder[CustomerRecord]":
    """The decoder of `customers`. Raises as `topic_encoding`."""
    schema = schema_of(settings)
    encoding = topic_encoding(settings, settings.topic_customers)
    return TopicDecoder(schema.codec.customers, schema.record_mapping, encoding)


def outcome_decoder(settings: Settings) -> "TopicDecoder[Outcome]":
    """The decoder of `outcomes`. Raises as `topic_encoding`."""
    encoding = topic_encoding(settings, settings.topic_outcomes)
    return TopicDecoder(schema_of(settings).codec.outcomes, encoding=encoding)


def topic_encoding(settings: Settings, topic: str) -> RegisteredValues | None:
    """The encoding of a topic's values; None for plain JSON.

    It asks the Schema Registry for the latest schema of the topic, and logs how that differs from
    ours.

    Raises:
        NotInstalled: A library of the encoding is not installed.
    """
    mismatches = _avro_topics(settings).get(topic)
    if mismatches is None:
        return None
    schema = schema_of(settings)
    values = RegisteredValues(
        SchemaRegistry(settings), topic, lambda avro: mismatches(avro, schema)
    )
    values.check_latest()
    return values


def topic_writers(settings: Settings) -> dict[str, AvroWriter]:
    """By topic, what encodes the JSON of its events; nothing for topics of plain JSON.

    Raises as `topic_writer`.
    """
    return {topic: _writer(settings, topic) for topic in _avro_topics(settings)}


def topic_writer(settings: Settings, topic: str) -> AvroWriter | None:
    """What encodes the JSON of a topic's events; None for plain JSON.

    Raises:
        SchemaRejected: The Schema Registry has no Avro schema for the topic.
        SchemaRegistryUnavailable: The Schema Registry does not answer.
        NotInstalled: A library of the encoding is not installed.
    """
    return _writer(settings, topic) if topic in _avro_topics(settings) else None


def _writer(settings: Settings, topic: str) -> AvroWriter:
    codec = schema_of(settings).codec
    decoders: dict[str, Callable[[bytes], Any]] = {
        settings.topic_customers: codec.decode_customer,
        settings.topic_outcomes: codec.decode_outcome,
    }
    return AvroWriter(SchemaRegistry(settings), topic, decoders[topic])


def _avro_topics(settings: Settings) -> dict[str, Callable[[AvroSchema, Schema], list[str]]]:
    """What compares a schema with ours, for each topic of Avro."""
    topics = (
        (settings.topic_customers, settings.customers_encoding, customer_mismatches),
        (settings.topic_outcomes, settings.outcomes_encoding, outcome_mismatches),
    )
    return {topic: mismatches for topic, encoding, mismatches in topics if encoding == "avro"}
