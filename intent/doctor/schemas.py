"""Checks of the Schema Registry, for the topics whose encoding needs it."""

from collections.abc import Iterator
from typing import Final

from contract.encodings.avro import InvalidSchema
from contract.encodings.registry import RegisteredSchema, SchemaRegistry, subject_of
from contract.errors import NotInstalled, SchemaRegistryUnavailable
from contract.settings import Settings
from contract.topic_encodings import encodings, find_mismatches
from intent.doctor.result import CheckResult, error, ok, warning

SCHEMA_TYPES: Final = {"avro": "AVRO", "json-schema": "JSON"}
"""The registry's name of a schema's type, by encoding."""

FIX: Final = "register a schema that fits, or correct the schema file: docs/how-to/avro.md"


def check_schema_registry(settings: Settings) -> Iterator[CheckResult]:
    """Whether the latest schema of each such topic fits ours. Without such topics, nothing."""
    for topic, encoding in encodings(settings).items():
        if encoding not in SCHEMA_TYPES:
            continue
        check = f"schema of {topic}"
        try:
            with SchemaRegistry(settings) as registry:
                latest = registry.find_latest(subject_of(topic))
        except (NotInstalled, SchemaRegistryUnavailable) as failure:
            message, _, fix = str(failure).rpartition(": ")
            yield error(check, message, fix)
            return
        yield _check_schema(settings, topic, encoding, check, latest)


def _check_schema(
    settings: Settings, topic: str, encoding: str, check: str, latest: RegisteredSchema | None
) -> CheckResult:
    if latest is None:
        return warning(
            check, f"{settings.schema_registry_url} has no subject {subject_of(topic)} yet"
        )
    name = f"id {latest.id} of {subject_of(topic)}"
    if latest.kind != SCHEMA_TYPES[encoding]:
        fix = f"set the topic's encoding to what writers use; it is {encoding}"
        return error(check, f"{name} is a schema of {latest.kind}", fix)
    if encoding == "avro":
        try:
            faults = find_mismatches(settings, topic, latest.as_avro())
        except InvalidSchema as fault:
            return error(check, f"{name} is no Avro schema that can be read: {fault}", FIX)
        if faults:
            return error(check, f"records of {name} become dead letters: {'; '.join(faults)}", FIX)
    return ok(check, f"{name} at {settings.schema_registry_url}")
