"""Reads schemas by id from a Schema Registry. Owns the client."""

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, NamedTuple, Self

from contract.encodings.avro import AvroSchema, InvalidSchema
from contract.errors import NotInstalled, SchemaRegistryUnavailable, first_line
from contract.proxies import bypass_proxies, proxy_hint
from contract.settings import Settings
from contract.timeouts import call_with_timeout

LOOKUP_TIMEOUT: Final = 3.0
"""Seconds. A worker that stops waits no longer than that for a lookup."""

_NO_SUCH_SCHEMA: Final = (40403,)
"""The registry's error code for an id that does not exist. Another 404 is that of a wrong URL:
https://docs.confluent.io/platform/current/schema-registry/develop/api.html#errors
"""

_NO_SUCH_SUBJECT: Final = (40401, 40402)
"""Neither the subject nor a version of it exists."""


def subject_of(topic: str) -> str:
    """The subject of a topic's values (`TopicNameStrategy`)."""
    return f"{topic}-value"


class RegisteredSchema(NamedTuple):
    """A schema with the schemas that it refers to.

    Attributes:
        id: Its id.
        kind: `AVRO`, `JSON` or `PROTOBUF`.
        text: The schema.
        references: The texts of the schemas that it refers to, in an order in which each comes
            after those that it needs.
    """

    id: int
    kind: str
    text: str
    references: tuple[str, ...] = ()

    @property
    def header(self) -> bytes:
        """What begins a value of this schema."""
        return b"\0" + self.id.to_bytes(4, "big")

    def as_avro(self) -> AvroSchema:
        """The schema, ready to decode. Raises `InvalidSchema` if it is no Avro schema."""
        if self.kind != "AVRO":
            raise InvalidSchema(f"its type is {self.kind}")
        return AvroSchema(self.text, self.references)


class SchemaRegistry:
    """A context manager, to be entered for the requests of each batch: they are rare.

    Not thread-safe: one thread at a time.
    """

    def __init__(self, settings: Settings) -> None:
        """Connects to nothing yet.

        Raises:
            NotInstalled: The client's libraries are not installed.
        """
        self._settings = settings
        self._url = settings.schema_registry_url
        _client_class()

    def __enter__(self) -> Self:
        self._client = create_client(self._settings, timeout=LOOKUP_TIMEOUT, retries=0)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def find_schema(self, schema_id: int) -> RegisteredSchema | None:
        """The schema with this id; None if the registry says that it does not exist.

        Raises:
            SchemaRegistryUnavailable: The registry does not say.
        """
        return self._find(lambda: (schema_id, self._client.get_schema(schema_id)), _NO_SUCH_SCHEMA)

    def find_latest(self, subject: str) -> RegisteredSchema | None:
        """The latest schema of a subject; None if there is none.

        Raises:
            SchemaRegistryUnavailable: The registry does not say.
        """

        def request() -> tuple[int, Any]:
            latest = self._client.get_latest_version(subject)
            return latest.schema_id, latest.schema

        return self._find(request, _NO_SUCH_SUBJECT)

    def _find(
        self, request: Callable[[], tuple[int, Any]], not_found: Collection[int]
    ) -> RegisteredSchema | None:
        from confluent_kafka.schema_registry.error import SchemaRegistryError  # noqa: PLC0415

        try:
            # the client's own timeout starts again with each byte that it receives
            schema_id, schema, references = call_with_timeout(
                LOOKUP_TIMEOUT, lambda: self._with_references(*request())
            )
            if not isinstance(schema.schema_str, str):
                raise TypeError("an answer without a schema")  # noqa: TRY301
            return RegisteredSchema(
                schema_id, schema.schema_type or "AVRO", schema.schema_str, references
            )
        except SchemaRegistryError as answer:
            if answer.error_code in not_found:
                return None
            fault = str(answer)
        except Exception as failure:  # noqa: BLE001  of its HTTP library, or an answer that is none
            fault = first_line(failure)
        raise SchemaRegistryUnavailable(
            f"the Schema Registry {self._url} does not answer ({fault}{proxy_hint(self._url)}): "
            "check it, and INTENT_SCHEMA_REGISTRY_URL, _USERNAME and _PASSWORD"
        )

    def _with_references(self, schema_id: int, schema: Any) -> tuple[int, Any, tuple[str, ...]]:
        return schema_id, schema, tuple(self._texts_of_references(schema))

    def _texts_of_references(self, schema: Any) -> Iterator[str]:
        for reference in schema.references or ():
            referred = self._client.get_version(reference.subject, reference.version).schema
            yield from self._texts_of_references(referred)
            yield referred.schema_str


def create_client(settings: Settings, *, timeout: float, retries: int) -> Any:
    """Creates a `SchemaRegistryClient`.

    Args:
        settings: Address and login of the registry.
        timeout: Of a request, in seconds.
        retries: How often a failed request is repeated.

    Raises:
        NotInstalled: Its libraries are not installed.
    """
    client_class = _client_class()
    bypass_proxies([settings.schema_registry_url])
    options: dict[str, Any] = {
        "url": settings.schema_registry_url,
        "timeout": timeout,
        "max.retries": retries,
    }
    if settings.schema_registry_username:
        password = settings.schema_registry_password.get_secret_value()
        options["basic.auth.user.info"] = f"{settings.schema_registry_username}:{password}"
    if settings.schema_registry_ca_file:
        options["ssl.ca.location"] = settings.schema_registry_ca_file
    return client_class(options)


def _client_class() -> Any:
    try:
        from confluent_kafka.schema_registry import SchemaRegistryClient  # noqa: PLC0415  an extra
    except ImportError:
        raise NotInstalled(
            "a Schema Registry needs its client's libraries: install intent-stream[avro]"
        ) from None
    return SchemaRegistryClient
