"""JSON values with a Schema Registry's header, as its JSON Schema serializers write them."""

from contract.decoding import HEADER_SIZE, Values, has_header
from contract.encodings.registry import SchemaRegistry, subject_of
from contract.errors import SchemaRejected


def without_headers(values: Values) -> list[bytes | None]:
    """The JSON of the values; one without a header is JSON as it is, which begins with no zero."""
    return [value[HEADER_SIZE:] if value and has_header(value) else value for value in values]


class JsonSchemaWriter:
    """Writes the id of the latest schema of a topic's subject before the JSON of its events.

    Args:
        registry: Where the schema is. It is looked up once.
        topic: Name of the topic.

    Raises:
        SchemaRejected: There is no such schema, or it is not JSON Schema.
        SchemaRegistryUnavailable: The registry does not answer.
    """

    def __init__(self, registry: SchemaRegistry, topic: str) -> None:
        subject = subject_of(topic)
        with registry:
            latest = registry.find_latest(subject)
        if latest is None or latest.kind != "JSON":
            found = "has no such subject" if latest is None else f"has a schema of {latest.kind}"
            raise SchemaRejected(
                f"no JSON Schema to write {topic} with: the Schema Registry {found} at {subject}: "
                "register one (`python -m contract.schemas DIR` writes ours)"
            )
        self._header = latest.header

    def encode(self, value: bytes | None) -> bytes | None:
        """The value with the header."""
        return None if value is None else self._header + value
