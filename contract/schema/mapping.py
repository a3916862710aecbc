"""Messages of any shape -> the records that a schema describes: fields from elsewhere. Pure.

A source is `key` (the message's key), `header:NAME`, or a JSON Pointer into the value, such as
`/customer/age` (https://www.rfc-editor.org/rfc/rfc6901). What is not found there is looked up under
its own name, as the records of our own tools have it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec
from msgspec import Raw

from contract import message_headers
from contract.message_headers import readable_headers

KEY: Final = "key"
HEADER: Final = "header:"
SOURCE: Final = r"^(key|header:.{1,200}|(/[^/]{1,200}){1,20})$"

_SCALAR: Final = re.compile(rb"-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null")
_ESCAPES: Final = (("~1", "/"), ("~0", "~"))

_members: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_items: Final = msgspec.json.Decoder(list[Raw]).decode
_string: Final = msgspec.json.Decoder(str).decode

Members = Mapping[str, Raw]
Headers = Mapping[str, bytes | None]
Finder = Callable[[bytes | None, Headers, Members], bytes | None]


class MappedMessage(Protocol):
    """The methods of a consumed Kafka message that a mapping uses."""

    # ruff: noqa: D102  names and meaning are those of confluent_kafka.Message
    def key(self) -> bytes | None: ...
    def headers(self) -> message_headers.Headers: ...


class RecordMapping:
    """Makes the value of a record from its message.

    Args:
        sources: Source by field name on the wire.
        names: All fields of a record, by their names on the wire.
        texts: Those of `names` that are texts: a number or header becomes a text.
    """

    def __init__(
        self, sources: Mapping[str, str], names: Iterable[str], texts: Iterable[str]
    ) -> None:
        self.uses_headers: Final = any(each.startswith(HEADER) for each in sources.values())
        texts = frozenset(texts)
        self._fields = [
            (
                name,
                b",%s:" % msgspec.json.encode(name),
                _finder(sources[name]) if name in sources else None,
                _convert(name, name in texts),
            )
            for name in names
        ]

    def values(
        self, messages: Sequence[MappedMessage], values: Sequence[bytes | None]
    ) -> list[bytes | None]:
        """The value of each message as its schema has it. Raises nothing.

        A value that is no JSON object is returned as it is: the decoder says what is wrong.

        Args:
            messages: Have the keys and headers.
            values: The value of each message as JSON.
        """
        return [self._value(*each) for each in zip(messages, values, strict=True)]

    def _value(self, message: MappedMessage, value: bytes | None) -> bytes | None:
        if value is None:
            return None
        headers = dict(readable_headers(message) or ()) if self.uses_headers else {}
        parts: list[bytes | Raw] = []
        try:
            members = _members(value)
            for name, start, find, convert in self._fields:
                part = find(message.key(), headers, members) if find else None
                if part is not None:
                    parts += start, convert(part)
                elif name in members:
                    parts += start, members[name]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return value
        return b"{%s}" % b"".join(parts)[1:]


def _finder(source: str) -> Finder:
    """A function from key, headers and the value's members to the JSON at the source, if any."""
    if source == KEY:
        return lambda key, _headers, _members: _quoted(key) if key else None
    if source.startswith(HEADER):
        header = source.removeprefix(HEADER)
        return lambda _key, headers, _members: (
            None if (text := headers.get(header)) is None else _quoted(text)
        )
    first, *others = (_unescaped(token) for token in source.split("/")[1:])

    def find_path(key: bytes | None, headers: Headers, members: Members) -> bytes | None:
        del key, headers
        part = members.get(first)
        for token in others:
            if part is None:
                return None
            part = _step(part, token)
        return None if part is None else bytes(part)

    return find_path


def _step(part: Raw, token: str) -> Raw | None:
    start = bytes(part)[:1]
    if start == b"{":
        return _members(part).get(token)
    if start == b"[" and token.isdecimal():
        items = _items(part)
        return items[int(token)] if int(token) < len(items) else None
    return None


def _unescaped(token: str) -> str:
    for escaped, plain in _ESCAPES:
        token = token.replace(escaped, plain)
    return token


def _quoted(text: bytes) -> bytes:
    """The text of a key or header as JSON; one that is not UTF-8 stays what it is."""
    try:
        return msgspec.json.encode(text.decode())
    except UnicodeDecodeError:
        return b'"%s"' % text


def _convert(name: str, is_text: bool) -> Callable[[bytes], bytes]:
    """A function from found JSON to the JSON that the field needs."""
    if name == "event_time":
        return _to_milliseconds
    return _to_text if is_text else _to_value


def _to_text(part: bytes) -> bytes:
    is_scalar = part != b"null" and _SCALAR.fullmatch(part)
    return b'"%s"' % part if is_scalar else part


def _to_value(part: bytes) -> bytes:
    """Unquotes a number or boolean, which is a text in a header."""
    return part[1:-1] if part[:1] == b'"' and _SCALAR.fullmatch(part[1:-1]) else part


def _to_milliseconds(part: bytes) -> bytes:
    """Milliseconds of a number, or of an ISO 8601 text with a zone."""
    part = _to_value(part)
    if part[:1] != b'"':
        return part
    try:
        time = datetime.fromisoformat(_string(part))
    except ValueError:
        return part
    return part if time.tzinfo is None else b"%d" % round(time.timestamp() * 1000)
