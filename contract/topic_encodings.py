"""The encodings of `customers` and `outcomes`, as the settings say."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from contract.encodings.avro import AvroSchema
from contract.encodings.avro_writer import AvroWriter
from contract.encodings.json_schema import JsonSchemaWriter
from contract.encodings.matching import customer_mismatches, outcome_mismatches
from contract.encodings.registered_values import RegisteredValues
from contract.encodings.registry import SchemaRegistry
from contract.settings import Settings, schema_of
from contract.topic_decoder import TopicDecoder

if TYPE_CHECKING:
    from contract.events import CustomerRecord, Outcome

TopicWriter: TypeAlias = AvroWriter | JsonSchemaWriter
"""What encodes the JSON of a topic's events."""


def customer_decoder(settings: Settings) -> "TopicDecoder[CustomerRecord]":
    """The decoder of `customers`. Raises as `topic_encoding`."""
    schema = schema_of(settings)
    encoding = topic_encoding(settings, settings.topic_customers)
    return TopicDecoder(
        schema.codec.customers,
        schema.record_mapping,
        encoding,
        has_headers=has_json_schema(settings, settings.topic_customers),
    )


def outcome_decoder(settings: Settings) -> "TopicDecoder[Outcome]":
    """The decoder of `outcomes`. Raises as `topic_encoding`."""
    encoding = topic_encoding(settings, settings.topic_outcomes)
    return TopicDecoder(
        schema_of(settings).codec.outcomes,
        encoding=encoding,
        has_headers=has_json_schema(settings, settings.topic_outcomes),
    )


def has_json_schema(settings: Settings, topic: str) -> bool:
    """Whether the topic's JSON may have a Schema Registry's header."""
    return encodings(settings).get(topic) == "json-schema"


def topic_encoding(settings: Settings, topic: str) -> RegisteredValues | None:
    """The encoding of a topic's values; None for JSON.

    It asks the Schema Registry for the latest schema of the topic, and logs how that differs from
    ours.

    Raises:
        NotInstalled: A library of the encoding is not installed.
    """
    if encodings(settings).get(topic) != "avro":
        return None
    values = RegisteredValues(
        SchemaRegistry(settings), topic, lambda avro: find_mismatches(settings, topic, avro)
    )
    values.check_latest()
    return values


def find_mismatches(settings: Settings, topic: str, avro: AvroSchema) -> list[str]:
    """What is wrong with a topic's schema for the records of ours, a text for each field."""
    is_outcomes = topic == settings.topic_outcomes
    compare = outcome_mismatches if is_outcomes else customer_mismatches
    return compare(avro, schema_of(settings))


def topic_writers(settings: Settings) -> dict[str, TopicWriter]:
    """By topic, what encodes the JSON of its events; nothing for topics of plain JSON.

    Raises as `topic_writer`.
    """
    return {
        topic: writer
        for topic in (settings.topic_customers, settings.topic_outcomes)
        if (writer := topic_writer(settings, topic))
    }


def topic_writer(settings: Settings, topic: str) -> TopicWriter | None:
    """What encodes the JSON of a topic's events; None for plain JSON.

    Raises:
        SchemaRejected: The Schema Registry has no schema of that kind for the topic.
        SchemaRegistryUnavailable: The Schema Registry does not answer.
        NotInstalled: A library of the encoding is not installed.
    """
    match encodings(settings).get(topic):
        case "avro":
            codec = schema_of(settings).codec
            is_outcomes = topic == settings.topic_outcomes
            decode: Callable[[bytes], Any] = (
                codec.decode_outcome if is_outcomes else codec.decode_customer
            )
            return AvroWriter(SchemaRegistry(settings), topic, decode)
        case "json-schema":
            return JsonSchemaWriter(SchemaRegistry(settings), topic)
    return None


def encodings(settings: Settings) -> dict[str, str]:
    """Of the topics that may have another one than JSON."""
    return {
        settings.topic_customers: settings.customers_encoding,
        settings.topic_outcomes: settings.outcomes_encoding,
    }
