"""Records of a file or of standard input -> their topic, if they fit the contract."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from contract import kafka
from contract.errors import BadDataset
from contract.settings import Settings
from contract.topics import topics
from producers.publisher import Publisher
from producers.records.line import Line
from producers.records.source import Source

TOGETHER: Final = 1_000
"""Records of a file that are queued in one call."""

TOLD: Final = 5
"""Most lines that are named one by one."""

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Checked:
    """How many records a file has, and which do not fit the contract."""

    records: int
    unfit: int
    first: tuple[Line, ...]


@dataclass
class Sent:
    """What was published."""

    topic: str
    sent: int = 0
    unfit: int = 0


def check(source: Source, advance: Advance) -> Checked:
    """Reads it all and sends nothing. Raises `BadDataset` where it cannot be read."""
    records = unfit = 0
    first: list[Line] = []
    with source.lines() as lines:
        for line in lines:
            records += 1
            advance(1)
            if line.fault:
                unfit += 1
                first.extend([line] if unfit <= TOLD else [])
    return Checked(records, unfit, tuple(first))


def refuse(source: Source, checked: Checked) -> BadDataset:
    """What to tell of a file with records that do not fit."""
    faults = [f"line {line.number}: {line.fault}" for line in checked.first]
    if checked.unfit > len(faults):
        faults.append(f"and {checked.unfit - len(faults):,} more")
    return BadDataset(
        f"{source.name}: {checked.unfit:,} of {checked.records:,} records do not fit the contract "
        f"({'; '.join(faults)}): correct them, or send them all the same with --lenient; "
        "nothing was sent"
    )


def send(settings: Settings, source: Source, lenient: bool, advance: Advance) -> Sent:
    """Publishes every record; without `lenient` it stops before the first that does not fit.

    A pipe's records go as they come, a file's in batches. Returns when the broker has them all.
    Raises `BadDataset`, `BrokerUnreachable`, `TopicUnavailable`.
    """
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    sent = Sent(getattr(names, source.kind).name)
    publisher = Publisher(settings)
    try:
        with source.lines() as lines:
            while batch := list(islice(lines, TOGETHER if source.path else 1)):
                good = batch if lenient else list(_until_unfit(batch))
                publisher.publish(sent.topic, [(line.key, line.value) for line in good])
                sent.sent += len(good)
                sent.unfit += sum(line.fault is not None for line in good)
                advance(len(good))
                if len(good) < len(batch):
                    raise _stopped(source, batch[len(good)], sent)
    finally:
        publisher.flush()  # also when a person ends a pipe that has no end
    return sent


def _until_unfit(batch: list[Line]) -> Iterator[Line]:
    for line in batch:
        if line.fault:
            return
        yield line


def _stopped(source: Source, line: Line, sent: Sent) -> BadDataset:
    return BadDataset(
        f"{source.name}, line {line.number}: {line.fault}: correct it, or send it all the same "
        f"with --lenient; sent before it: {sent.sent:,}"
    )
