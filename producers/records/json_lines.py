"""JSON Lines -> records. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from contract.errors import InvalidRecord
from producers.records.line import Line, key_of

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def json_lines(lines: Iterable[bytes], decode: Callable[[bytes], Any]) -> Iterator[Line]:
    """A record for each line that is not blank, its bytes as they stand there."""
    for number, line in enumerate(lines, start=1):
        value = line.removeprefix(BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
        if value:
            yield _line(number, value, decode)


def _line(number: int, value: bytes, decode: Callable[[bytes], Any]) -> Line:
    try:
        event = decode(value)
    except InvalidRecord as invalid:
        return Line(number, value, fault=str(invalid))
    return Line(number, value, key_of(event))
