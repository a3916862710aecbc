"""Whether a reader of one JSON Schema accepts all data of another. Pure.

The codec ignores unknown fields. So a field that only the reader has must be optional, and a field
that only the writer has is compatible. Registries differ in one case for open schemas: see
docs/decisions/0017-schema-registry.md.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

Schema = dict[str, Any]

IGNORED: Final = frozenset({"$schema", "title", "description", "default", "$defs"})
"""Keywords that do not restrict values."""

COMPARED: Final = frozenset(
    {
        "type", "enum", "anyOf", "properties", "required", "additionalProperties", "items",
        "prefixItems", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "minLength", "maxLength", "pattern", "format", "contentEncoding",
    }
)  # fmt: skip

LOWER_LIMITS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER_LIMITS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
SAME: Final = ("pattern", "format", "contentEncoding")


class UnsupportedSchema(Exception):
    """A schema has a keyword that cannot be compared."""


def incompatible_parts(writer: Schema, reader: Schema) -> list[str]:
    """Parts of the writer's schema that the reader rejects, with their paths; empty if compatible.

    Raises `UnsupportedSchema`.
    """
    return list(_Comparison(writer, reader).incompatible_parts("$", writer, reader))


class _Comparison:
    def __init__(self, writer: Schema, reader: Schema) -> None:
        self._writer = writer
        self._reader = reader

    def incompatible_parts(self, at: str, writer: Schema, reader: Schema) -> Iterator[str]:
        writer, reader = _resolved(self._writer, writer), _resolved(self._reader, reader)
        if "anyOf" in writer or "anyOf" in reader:
            yield from self._alternatives(at, writer, reader)
            return
        compared: list[Callable[[str, Schema, Schema], Iterator[str]]] = [
            _types, _enums, _bounds, _same, self._objects, self._arrays,
        ]  # fmt: skip
        for compare in compared:
            yield from compare(at, writer, reader)

    def _alternatives(self, at: str, writer: Schema, reader: Schema) -> Iterator[str]:
        """Each alternative of the writer must be accepted by one of the reader."""
        for one in writer.get("anyOf", [writer]):
            faults = [
                list(self.incompatible_parts(at, one, other))
                for other in reader.get("anyOf", [reader])
            ]
            yield from min(faults, key=len)

    def _objects(self, at: str, writer: Schema, reader: Schema) -> Iterator[str]:
        written, read = writer.get("properties", {}), reader.get("properties", {})
        for name in sorted(set(reader.get("required", [])) - set(writer.get("required", []))):
            yield f"{at}.{name}: is required, but may be missing"
        for name in sorted(written.keys() & read.keys()):
            yield from self.incompatible_parts(f"{at}.{name}", written[name], read[name])
        if reader.get("additionalProperties") is False:
            for name in sorted(written.keys() - read.keys()):
                yield f"{at}.{name}: is not allowed"
            if writer.get("additionalProperties", True) is not False and "properties" in writer:
                yield f"{at}: further fields are not allowed"

    def _arrays(self, at: str, writer: Schema, reader: Schema) -> Iterator[str]:
        if "array" not in (writer.get("type"), reader.get("type")):
            return
        written, read = writer.get("prefixItems", []), reader.get("prefixItems", [])
        if len(written) != len(read):
            yield f"{at}: {len(written)} items with a meaning each, not {len(read)}"
            return
        for number, pair in enumerate(zip(written, read, strict=True)):
            yield from self.incompatible_parts(f"{at}[{number}]", *pair)
        rest = writer.get("items", True), reader.get("items", True)
        if rest[0] is False or rest[1] is True:
            return
        if rest[1] is False or rest[0] is True:
            yield f"{at}[]: further items are not allowed, or not of any kind"
            return
        yield from self.incompatible_parts(f"{at}[]", *rest)


def _resolved(root: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    unknown = schema.keys() - COMPARED - IGNORED
    if unknown or isinstance(schema.get("additionalProperties"), dict):
        raise UnsupportedSchema(f"cannot compare {', '.join(unknown) or 'additionalProperties'}")
    return schema


def _types(at: str, writer: Schema, reader: Schema) -> Iterator[str]:
    written, read = writer.get("type"), reader.get("type")
    if read is None or written == read or (written == "integer" and read == "number"):
        return
    if written is None and "enum" in writer and _all_are(writer["enum"], read):
        return
    yield f"{at}: {written or 'any type'} where {read} is read"


def _all_are(values: list[Any], kind: str) -> bool:
    python: dict[str, type | tuple[type, ...]] = {
        "string": str, "integer": int, "number": (int, float),
    }  # fmt: skip
    return kind in python and all(
        isinstance(value, python[kind]) and not isinstance(value, bool) for value in values
    )


def _enums(at: str, writer: Schema, reader: Schema) -> Iterator[str]:
    if "enum" not in reader:
        return
    if "enum" not in writer:
        yield f"{at}: any value where one of {reader['enum']} is read"
    elif unknown := [value for value in writer["enum"] if value not in reader["enum"]]:
        yield f"{at}: {unknown} where one of {reader['enum']} is read"


def _bounds(at: str, writer: Schema, reader: Schema) -> Iterator[str]:
    if "enum" in writer:
        return
    for names, beyond in ((LOWER_LIMITS, float.__lt__), (UPPER_LIMITS, float.__gt__)):
        for name in names:
            if name not in reader:
                continue
            if name not in writer or beyond(float(writer[name]), float(reader[name])):
                yield f"{at}: {name} is {writer.get(name, 'none')} where {reader[name]} is read"


def _same(at: str, writer: Schema, reader: Schema) -> Iterator[str]:
    for name in SAME:
        if name in reader and writer.get(name) != reader[name]:
            yield f"{at}: {name} is {writer.get(name, 'none')} where {reader[name]} is read"
