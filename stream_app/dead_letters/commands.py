"""The commands `intent dead-letters list|show|redrive` as functions."""

from collections.abc import Collection, Iterator

from contract import kafka
from contract.logs import configure_logs
from contract.settings import load
from contract.topics import topics
from stream_app.dead_letters import render
from stream_app.dead_letters.filter import (
    DeadLetterFilter,
    RecordPosition,
    StoredDeadLetter,
    count_by_reason,
)
from stream_app.dead_letters.reader import read_dead_letters
from stream_app.dead_letters.redrive import redrive
from stream_app.settings import ScorerSettings


def list_reasons(
    reasons: Collection[str] = (), positions: Collection[RecordPosition] = (), as_json: bool = False
) -> str:
    """Counts dead letters by reason.

    Args:
        reasons: Only dead letters with one of these reasons; empty is all.
        positions: Only dead letters of records at these partitions and offsets; empty is all.
        as_json: Return JSON instead of a table.
    """
    counts = count_by_reason(_read(reasons, positions))
    return render.render_json(counts) if as_json else "\n".join(render.render_counts(counts))


def show(
    reasons: Collection[str] = (), positions: Collection[RecordPosition] = (), as_json: bool = False
) -> Iterator[str]:
    """Formats each dead letter; arguments as for `list_reasons`.

    Yields:
        A paragraph per dead letter, or a line of JSON.
    """
    for dead_letter in _read(reasons, positions):
        if as_json:
            yield render.render_dead_letter_json(dead_letter)
        else:
            yield "\n".join(render.render_dead_letter(dead_letter))


def redrive_selected(
    reasons: Collection[str] = (), positions: Collection[RecordPosition] = (), as_json: bool = False
) -> str:
    """Redrives dead letters, each once; arguments as for `list_reasons`.

    Returns:
        What was redriven, as a line of text or JSON.
    """
    settings = _configure()
    result = redrive(settings, DeadLetterFilter(frozenset(reasons), frozenset(positions)))
    return render.render_json(result) if as_json else render.render_result(result)


def _read(
    reasons: Collection[str], positions: Collection[RecordPosition]
) -> Iterator[StoredDeadLetter]:
    settings = _configure()
    kafka.check_broker(settings)
    kafka.ensure_topics(settings, topics(settings))
    return read_dead_letters(settings, DeadLetterFilter(frozenset(reasons), frozenset(positions)))


def _configure() -> ScorerSettings:
    settings = load(ScorerSettings)
    configure_logs("WARNING", settings.log_format)
    return settings
