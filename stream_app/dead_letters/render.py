"""Renders dead letters as text and as JSON. Pure."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import msgspec

from stream_app.dead_letters.filter import ReasonCount, StoredDeadLetter
from stream_app.dead_letters.redrive import RedriveResult

MAX_VALUE_CHARACTERS: Final = 2_000
"""Maximum number of characters of a value that are shown as text."""


def render_json(item: object) -> str:
    """One line of JSON."""
    return msgspec.json.encode(item, enc_hook=asdict).decode()


def render_dead_letter_json(stored: StoredDeadLetter) -> str:
    """The dead letter with `redriven`, bytes in base64, as one line of JSON."""
    dead_letter = msgspec.to_builtins(stored.dead_letter)
    return render_json({**dead_letter, "redriven": stored.redriven})


def render_counts(counts: Sequence[ReasonCount]) -> Iterator[str]:
    """The lines of a table with a row per reason."""
    if not counts:
        yield "no dead letters"
        return
    yield f"{'reason':<18}{'count':>9}{'redriven':>10}  {'oldest record':<21}newest record"
    for counted in counts:
        yield (
            f"{counted.reason:<18}{counted.count:>9,}{counted.redriven:>10,}  "
            f"{_render_time(counted.oldest_timestamp):<21}{_render_time(counted.newest_timestamp)}"
        )


def render_dead_letter(stored: StoredDeadLetter) -> Iterator[str]:
    """The lines that describe a dead letter."""
    dead_letter = stored.dead_letter
    yield (
        f"{dead_letter.topic} {dead_letter.partition}:{dead_letter.offset}  {dead_letter.reason}  "
        f"{_render_time(dead_letter.timestamp)}{'  redriven' if stored.redriven else ''}"
    )
    yield f"  detail {dead_letter.detail}"
    if dead_letter.truncated is not None:
        yield f"  value truncated, complete size {dead_letter.truncated.value_bytes:,} bytes"
    yield f"  key    {_render_bytes(dead_letter.key)}"
    for name, value in dead_letter.headers:
        yield f"  header {name!r}: {_render_bytes(value)}"
    yield f"  value  {_render_bytes(dead_letter.value)}"


def render_result(result: RedriveResult) -> str:
    """What a redrive did."""
    text = f"redriven {result.redriven:,}"
    if result.already_redriven:
        text += f"; {result.already_redriven:,} already redriven"
    if result.truncated:
        text += f"; {result.truncated:,} truncated, cannot be redriven"
    return text


def _render_bytes(raw: bytes | None) -> str:
    if raw is None:
        return "null"
    try:
        text = repr(raw.decode())
    except UnicodeDecodeError:
        text = f"base64 {b64encode(raw).decode()}"
    if len(text) <= MAX_VALUE_CHARACTERS:
        return text
    return f"{text[:MAX_VALUE_CHARACTERS]}... ({len(raw):,} bytes)"


def _render_time(milliseconds: int) -> str:
    if milliseconds < 0:
        return "unknown"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
