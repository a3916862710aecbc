"""All topics of the pipeline: event, writers, readers and Kafka settings."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import msgspec

from contract.events import (
    Alert,
    DeadLetter,
    LifecycleEvent,
    Redrive,
    RetrainingRequest,
    ShadowComparison,
)
from contract.schema import Schema
from contract.settings import Settings, schema_of

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Topic:
    """A topic.

    Attributes:
        name: Name in Kafka.
        event: Type of its values.
        written_by: Programs that write it.
        read_by: Programs that read it.
        partitions: Number of partitions at creation.
        retention_hours: Retention at creation.
        max_message_bytes: Maximum size of a record batch.
        compacted: Whether only the newest record of each key is kept.
    """

    name: str
    event: type[msgspec.Struct]
    written_by: str
    read_by: str
    partitions: int
    retention_hours: int
    max_message_bytes: int = MEBIBYTE
    compacted: bool = False

    @property
    def config(self) -> dict[str, str]:
        """Kafka's topic settings at creation."""
        return {
            "retention.ms": str(self.retention_hours * 3_600_000),
            "max.message.bytes": str(self.max_message_bytes),
            "cleanup.policy": "compact,delete" if self.compacted else "delete",
        }


@dataclass(frozen=True)
class Topics:
    """All topics, with the names from the settings."""

    customers: Topic
    predictions: Topic
    shadow: Topic
    shadow_comparisons: Topic
    outcomes: Topic
    dead_letters: Topic
    alerts: Topic
    redrives: Topic
    retraining_requests: Topic
    model_lifecycle: Topic

    def __iter__(self) -> Iterator[Topic]:
        return (getattr(self, field.name) for field in fields(self))


def topics(settings: Settings, schema: Schema | None = None) -> Topics:
    """The topic map under these settings, with the events of the schema, else of the settings'."""
    events = (schema or schema_of(settings)).events
    partitions = settings.partitions
    hours = settings.retention_hours
    return Topics(
        customers=Topic(
            name=settings.topic_customers,
            event=events.record,
            written_by="producers, and anybody",
            read_by="stream_app, monitoring, training",
            partitions=partitions,
            retention_hours=hours,
        ),
        predictions=Topic(
            name=settings.topic_predictions,
            event=events.prediction,
            written_by="stream_app",
            read_by="monitoring, and anybody",
            partitions=partitions,
            retention_hours=hours,
        ),
        # What the challenger, or the champion before, says of the same records.
        shadow=Topic(
            name=f"{settings.topic_predictions}.shadow",
            event=events.prediction,
            written_by="stream_app",
            read_by="monitoring",
            partitions=partitions,
            retention_hours=hours,
        ),
        # Told again and again as outcomes come: one key for each window and pair of versions.
        shadow_comparisons=Topic(
            name=f"{settings.topic_predictions}.shadow-comparisons",
            event=ShadowComparison,
            written_by="monitoring",
            read_by="training, and anybody",
            partitions=1,
            retention_hours=hours,
            compacted=True,
        ),
        outcomes=Topic(
            name=settings.topic_outcomes,
            event=events.outcome,
            written_by="producers, and whoever learns what a customer did",
            read_by="monitoring, training",
            partitions=partitions,
            retention_hours=hours,
        ),
        # A dead letter carries its record in base64, a third larger: there is room for a record
        # of 10 MB, as a topic that is not ours may have.
        dead_letters=Topic(
            name=settings.topic_dead_letters,
            event=DeadLetter,
            written_by="stream_app",
            read_by="people, stream_app.dead_letters",
            partitions=1,
            retention_hours=4 * hours,
            max_message_bytes=16 * MEBIBYTE,
        ),
        # Written after its dead letter, and so it expires after it.
        redrives=Topic(
            name=f"{settings.topic_dead_letters}.redrives",
            event=Redrive,
            written_by="stream_app.dead_letters",
            read_by="stream_app.dead_letters",
            partitions=1,
            retention_hours=4 * hours,
        ),
        alerts=Topic(
            name=settings.topic_alerts,
            event=Alert,
            written_by="monitoring",
            read_by="training, and anybody",
            partitions=1,
            retention_hours=4 * hours,
        ),
        retraining_requests=Topic(
            name=settings.topic_retraining_requests,
            event=RetrainingRequest,
            written_by="training request, and anybody",
            read_by="training",
            partitions=1,
            retention_hours=4 * hours,
        ),
        # A year: the history of models. A training writes a few events.
        model_lifecycle=Topic(
            name=settings.topic_model_lifecycle,
            event=LifecycleEvent,
            written_by="training",
            read_by="training, and anybody",
            partitions=1,
            retention_hours=52 * hours,
        ),
    )
