"""A registry that speaks the part of Confluent's REST interface that the stages use.

Tests need one that is away when they say so. That its answers are those of a real one is shown by
`tests/contract/test_encodings_registry.py`, which asks both.
"""

import io
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import fastavro
import pytest

from contract.encodings import registered_values, registry

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"

CUSTOMER_SCHEMA: Mapping[str, Any] = {
    "type": "record",
    "name": "Customer",
    "namespace": "com.example",
    "fields": [
        {
            "name": "Gender",
            "type": {"type": "enum", "name": "Gender", "symbols": ["Female", "Male"]},
        },
        {"name": "Age", "type": "int"},
        {"name": "AnnualSalary", "type": "double"},
        {"name": "id", "type": ["null", "string"], "default": None},
        {
            "name": "event_time",
            "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}],
            "default": None,
        },
    ],
}

OUTCOME_SCHEMA: Mapping[str, Any] = {
    "type": "record",
    "name": "Purchase",
    "fields": [{"name": "id", "type": "string"}, {"name": "Purchased", "type": "int"}],
}


class SchemaRegistryServer(ThreadingHTTPServer):
    """Serves on loopback.

    Attributes:
        available: Whether it answers; else each request gets status 503.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.available = True
        self._schemas: list[dict[str, Any]] = []
        self._subjects: dict[str, list[int]] = {}

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def register(
        self,
        subject: str,
        schema: Mapping[str, Any],
        kind: str = "AVRO",
        references: Sequence[Mapping[str, Any]] = (),
    ) -> int:
        """Adds a version to a subject; returns the id of the schema."""
        body = {"schema": json.dumps(schema), "schemaType": kind, "references": [*references]}
        self._schemas.append(body)
        self._subjects.setdefault(subject, []).append(len(self._schemas))
        return len(self._schemas)

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a GET."""
        if not self.available:
            return 503, {"error_code": 50301, "message": "not available"}
        if match := re.fullmatch(r"/schemas/ids/(\d+)", path):
            number = int(match[1])
            if 0 < number <= len(self._schemas):
                return 200, self._schemas[number - 1]
            return 404, {"error_code": 40403, "message": "Schema not found"}
        if match := re.fullmatch(r"/subjects/([^/]+)/versions/(latest|\d+)", path):
            ids = self._subjects.get(match[1], [])
            if not ids:
                return 404, {"error_code": 40401, "message": "Subject not found"}
            version = len(ids) if match[2] == "latest" else int(match[2])
            schema = self._schemas[ids[version - 1] - 1]
            place = {"subject": match[1], "version": version, "id": ids[version - 1]}
            return 200, {**schema, **place}
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}


class _Handler(BaseHTTPRequestHandler):
    server: SchemaRegistryServer

    def do_GET(self) -> None:
        self._send(*self.server.answer(self.path.partition("?")[0]))

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", MEDIA_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        subject = self.path.split("/")[2]
        kind, references = body.get("schemaType", "AVRO"), body.get("references") or ()
        number = self.server.register(subject, json.loads(body["schema"]), kind, references)
        self._send(200, {"id": number})

    def log_message(self, *_: object) -> None:
        """Not into the tests' output."""


@contextmanager
def schema_registry_server() -> Iterator[SchemaRegistryServer]:
    """A running one, which the stages of this process give more time than they usually do."""
    with SchemaRegistryServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "LOOKUP_TIMEOUT", 60.0)
        patch.setattr(registered_values, "RESOLVE_SECONDS", 60.0)
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def avro_value(schema_id: int, schema: Mapping[str, Any], fields: Mapping[str, Any]) -> bytes:
    """A value as a registry's Avro serializer writes it."""
    data = io.BytesIO()
    data.write(b"\0" + schema_id.to_bytes(4, "big"))
    fastavro.schemaless_writer(data, dict(schema), dict(fields))
    return data.getvalue()
