"""Registers schemas in a Schema Registry. Owns the client."""

from collections.abc import Mapping
from typing import Final, Self

import httpx2
from confluent_kafka.schema_registry import Schema
from confluent_kafka.schema_registry.error import SchemaRegistryError

from contract.encodings.registry import create_client
from contract.errors import SchemaRejected
from contract.proxies import proxy_hint
from contract.settings import Settings

NOT_FOUND: Final = 404


class Registry:
    """A Schema Registry. A context manager; connects at the first request."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.schema_registry_url
        self._client = create_client(settings, timeout=settings.kafka_timeout, retries=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def register(self, schemas: Mapping[str, str], levels: Mapping[str, str]) -> dict[str, int]:
        """Registers the value schema of each topic as subject `TOPIC-value`; returns their ids.

        Sets the compatibility level of each subject. Nothing changes if any schema is
        incompatible. Raises `SchemaRejected`.
        """
        try:
            subjects = {_subject(topic): Schema(text, "JSON") for topic, text in schemas.items()}
            rejected = [
                subject
                for subject, schema in subjects.items()
                if not self._is_compatible(subject, schema)
            ]
            if rejected:
                raise SchemaRejected(
                    f"the registry {self._url} has incompatible versions of "
                    f"{', '.join(rejected)}: see docs/decisions/0017-schema-registry.md"
                )
            ids = {}
            for topic, (subject, schema) in zip(schemas, subjects.items(), strict=True):
                self._client.set_compatibility(subject, levels[topic])
                ids[topic] = self._client.register_schema(subject, schema)
        except (SchemaRegistryError, httpx2.HTTPError, ValueError) as failure:  # not JSON
            raise SchemaRejected(
                f"the registry {self._url} failed ({failure}{proxy_hint(self._url)}): "
                "check it, and INTENT_SCHEMA_REGISTRY_URL, _USERNAME and _PASSWORD"
            ) from None
        return ids

    def _is_compatible(self, subject: str, schema: Schema) -> bool:
        """New subjects and registered schemas are not compared: some registries cannot."""
        if subject not in self._client.get_subjects() or self._is_registered(subject, schema):
            return True
        return bool(self._client.test_compatibility(subject, schema))

    def _is_registered(self, subject: str, schema: Schema) -> bool:
        try:
            self._client.lookup_schema(subject, schema)
        except SchemaRegistryError as failure:
            if failure.http_status_code == NOT_FOUND:
                return False
            raise
        return True


def _subject(topic: str) -> str:
    return f"{topic}-value"
