"""Dead letters as text and as JSON. Pure."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import msgspec

from stream_app.dead_letters.filter import Count, Found
from stream_app.dead_letters.redrive import Redriveed

SHOWN: Final = 2_000
"""Most characters of a value that are shown as text."""


def as_json(item: object) -> str:
    """One line."""
    return msgspec.json.encode(item, enc_hook=asdict).decode()


def found_as_json(found: Found) -> str:
    """The dead letter as it is, bytes in base64, with `redriven`; one line."""
    letter = msgspec.to_builtins(found.letter)
    return as_json({**letter, "redriven": found.redriven})


def counts_in_words(counts: Sequence[Count]) -> Iterator[str]:
    """A table, a line for each reason."""
    if not counts:
        yield "no dead letters"
        return
    yield f"{'reason':<18}{'letters':>9}{'redriven':>10}  {'oldest record':<21}newest record"
    for each in counts:
        yield (
            f"{each.reason:<18}{each.letters:>9,}{each.redriven:>10,}  "
            f"{_time(each.oldest):<21}{_time(each.newest)}"
        )


def found_in_words(found: Found) -> Iterator[str]:
    """A paragraph."""
    letter = found.letter
    yield (
        f"{letter.topic} {letter.partition}:{letter.offset}  {letter.reason}  "
        f"{_time(letter.timestamp)}{'  redriven' if found.redriven else ''}"
    )
    yield f"  why    {letter.detail}"
    if letter.truncated is not None:
        yield f"  cut    the value has {letter.truncated.value_bytes:,} bytes: not all is here"
    yield f"  key    {_text(letter.key)}"
    for name, value in letter.headers:
        yield f"  header {name!r}: {_text(value)}"
    yield f"  value  {_text(letter.value)}"


def redriven_in_words(done: Redriveed) -> str:
    """What a redrive did."""
    said = f"redriven {done.redriven:,}"
    if done.before:
        said += f"; {done.before:,} had been redriven before"
    if done.cut:
        said += f"; {done.cut:,} are not whole and cannot be redriven"
    return said


def _text(raw: bytes | None) -> str:
    if raw is None:
        return "null"
    try:
        text = repr(raw.decode())
    except UnicodeDecodeError:
        text = f"base64 {b64encode(raw).decode()}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(raw):,} bytes)"


def _time(milliseconds: int) -> str:
    if milliseconds < 0:
        return "unknown"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
