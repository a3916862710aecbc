"""All topics of the pipeline: their events and Kafka settings."""

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
        retention_hours: Retention at creation.
        partitions: Number of partitions at creation.
        max_message_bytes: Maximum size of a record batch.
        compacted: Whether only the newest record of each key is kept.
    """

    name: str
    event: type[msgspec.Struct]
    retention_hours: int
    partitions: int = 1
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
    partitions, hours = settings.partitions, settings.retention_hours
    shadow = f"{settings.topic_predictions}.shadow"
    return Topics(
        customers=Topic(settings.topic_customers, events.record, hours, partitions),
        predictions=Topic(settings.topic_predictions, events.prediction, hours, partitions),
        # What the challenger, or the champion before, predicts for the same records.
        shadow=Topic(shadow, events.prediction, hours, partitions),
        # Published again as outcomes arrive: one key for each window and pair of versions.
        shadow_comparisons=Topic(f"{shadow}-comparisons", ShadowComparison, hours, compacted=True),
        outcomes=Topic(settings.topic_outcomes, events.outcome, hours, partitions),
        # A dead letter carries its record in base64, a third larger: there is room for a record
        # of 10 MB, as a topic that is not ours may have.
        dead_letters=Topic(
            settings.topic_dead_letters, DeadLetter, 4 * hours, max_message_bytes=16 * MEBIBYTE
        ),
        # Written after its dead letter, and so it expires after it.
        redrives=Topic(f"{settings.topic_dead_letters}.redrives", Redrive, 4 * hours),
        alerts=Topic(settings.topic_alerts, Alert, 4 * hours),
        retraining_requests=Topic(settings.topic_retraining_requests, RetrainingRequest, 4 * hours),
        # A year: the history of models. A training writes a few events.
        model_lifecycle=Topic(settings.topic_model_lifecycle, LifecycleEvent, 52 * hours),
    )
