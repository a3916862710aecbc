"""Publishes the records of a file or of standard input that match the schema."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from contract import kafka
from contract.errors import BadDataset
from contract.settings import Settings
from contract.topics import topics
from producers.publisher import Publisher
from producers.records.input import RecordInput
from producers.records.parsing import FileRecord

BATCH_SIZE: Final = 1_000
"""Records of a file that are queued in one call."""

MAX_LISTED: Final = 5
"""Invalid records that an error lists."""

Advance = Callable[[int], None]
"""Reports progress: the number of further records."""


@dataclass(frozen=True)
class RecordCheck:
    """Result of validating an input.

    Attributes:
        records: Number of records.
        invalid: Number of records that do not match the schema.
        first_invalid: The first `MAX_LISTED` of them.
    """

    records: int
    invalid: int
    first_invalid: tuple[FileRecord, ...]


@dataclass
class PublishResult:
    """Number of published records, and of invalid ones among them."""

    topic: str
    sent: int = 0
    unfit: int = 0


def check_records(source: RecordInput, advance: Advance) -> RecordCheck:
    """Validates all records without publishing any. Raises `BadDataset` for unreadable input."""
    records = invalid = 0
    first_invalid: list[FileRecord] = []
    with source.records() as file_records:
        for record in file_records:
            records += 1
            advance(1)
            if record.fault:
                invalid += 1
                if invalid <= MAX_LISTED:
                    first_invalid.append(record)
    return RecordCheck(records, invalid, tuple(first_invalid))


def invalid_records_error(source: RecordInput, result: RecordCheck) -> BadDataset:
    """The error for an input with invalid records."""
    faults = [f"line {record.line}: {record.fault}" for record in result.first_invalid]
    if result.invalid > len(faults):
        faults.append(f"and {result.invalid - len(faults):,} more")
    return BadDataset(
        f"{source.name}: {result.invalid:,} of {result.records:,} records do not match the schema "
        f"({'; '.join(faults)}): correct them, or send them all the same with --lenient; "
        "nothing was sent"
    )


def publish_records(
    settings: Settings, source: RecordInput, lenient: bool, advance: Advance
) -> PublishResult:
    """Publishes the records; returns when the broker has stored all of them.

    Records of standard input are sent one by one as they arrive, those of a file in batches.

    Args:
        settings: Broker, login and topics.
        source: The records.
        lenient: Publish invalid records too. Otherwise stop before the first one.
        advance: Called with the number of records that were queued.

    Raises:
        BadDataset: A record is invalid, or the input cannot be read.
        BrokerUnreachable: A record was not delivered.
        TopicUnavailable: A topic cannot be created.
    """
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    result = PublishResult(getattr(names, source.kind).name)
    publisher = Publisher(settings)
    try:
        with source.records() as records:
            while batch := list(islice(records, BATCH_SIZE if source.path else 1)):
                accepted = batch if lenient else list(_until_invalid(batch))
                publisher.publish(result.topic, [(record.key, record.value) for record in accepted])
                result.sent += len(accepted)
                result.unfit += sum(record.fault is not None for record in accepted)
                advance(len(accepted))
                if len(accepted) < len(batch):
                    raise _invalid_record_error(source, batch[len(accepted)], result)
    finally:
        publisher.flush()  # also if Ctrl-C ends an endless pipe
    return result


def _until_invalid(batch: list[FileRecord]) -> Iterator[FileRecord]:
    for record in batch:
        if record.fault:
            return
        yield record


def _invalid_record_error(
    source: RecordInput, record: FileRecord, result: PublishResult
) -> BadDataset:
    return BadDataset(
        f"{source.name}, line {record.line}: {record.fault}: correct it, or send it all the same "
        f"with --lenient; sent before it: {result.sent:,}"
    )
