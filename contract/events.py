"""Values of the topics. All times are milliseconds since the Unix epoch, UTC."""

from typing import Any, Final, Literal, Protocol

from msgspec import Struct

from contract.scalars import EventId, Milliseconds

CONTRACT_VERSION: Final = "1"


class CustomerRecord(Protocol):
    """A record, as anybody may publish it to `customers`: of the type that its schema has.

    It also has the schema's features. Without an `id`, one is made from topic, partition and
    offset; without an `event_time`, the Kafka message's timestamp is the event time.
    """

    @property
    def id(self) -> str | None:
        """Identifier, on which predictions and outcomes are joined."""

    @property
    def event_time(self) -> int | None:
        """Event time, ms since the epoch."""


class Prediction(Protocol):
    """The champion's prediction for one record: of the type that its schema has."""

    @property
    def id(self) -> str:
        """Identifier of the record."""

    @property
    def prediction(self) -> Any:
        """The predicted class, or number."""

    @property
    def probability(self) -> float:
        """Of two classes, that of the positive one; of more, that of the predicted one.

        A number has `interval` in its place: the ends of its prediction interval, or None.
        """

    @property
    def model(self) -> str:
        """Name of the registered model."""

    @property
    def model_version(self) -> str:
        """Version that predicted."""

    @property
    def event_time(self) -> int:
        """Event time of the record, ms since the epoch."""

    @property
    def scored_at(self) -> int:
        """When it was scored, ms since the epoch."""

    @property
    def partition(self) -> int:
        """Partition of the record in `customers`."""

    @property
    def offset(self) -> int:
        """Offset of the record in `customers`."""


class Outcome(Protocol):
    """The ground truth of one record: of the type that its schema has."""

    @property
    def id(self) -> str:
        """Identifier of the record."""

    @property
    def actual(self) -> Any:
        """The class, or the number, that came true."""


class Truncated(Struct, frozen=True, gc=False):
    """What a dead letter lacks because its record is larger than the topic accepts.

    The dead letter's `value` is then only a prefix.

    Attributes:
        value_bytes: Size of the complete value.
        value_sha256: SHA-256 of the complete value, hexadecimal.
        headers_omitted: Whether the headers were left out.
        key_omitted: Whether the key was left out.
    """

    value_bytes: int
    value_sha256: str
    headers_omitted: bool = False
    key_omitted: bool = False


class DeadLetter(Struct, frozen=True, gc=False):
    """A record of `customers` that does not match the schema, byte for byte, with the reason.

    Attributes:
        reason: Code of the fault, for example `missing_field`.
        detail: The fault in words.
        topic: Topic of the record.
        partition: Partition of the record.
        offset: Offset of the record.
        timestamp: Kafka timestamp of the record, ms since the epoch.
        key: Raw key, base64 in JSON; null stays null.
        value: Raw value, base64 in JSON; null stays null.
        headers: Names and raw values. A name that is not UTF-8 is a single U+FFFD.
        truncated: What is missing; null for a complete record.
    """

    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    contract_version: str = CONTRACT_VERSION
    truncated: Truncated | None = None


class Redrive(Struct, frozen=True, gc=False):
    """A dead letter's record was produced to its topic again, in the same transaction as this.

    Attributes:
        partition: Partition of the dead letter.
        offset: Offset of the dead letter.
        timestamp: Kafka timestamp of the dead letter, ms since the epoch.
        redriven_at: When it was produced again, ms since the epoch.
    """

    partition: int
    offset: int
    timestamp: int
    redriven_at: Milliseconds


class ColumnDrift(Struct, frozen=True):
    """How one column differs from the reference, as measured by the drift rule.

    Numbers are null where there is nothing to compare.

    Attributes:
        column: Name of the column.
        effect_size: Difference in standard deviations of the reference.
        difference: The same in the column's own unit, or as a share.
        z_score: Standard errors by which the difference exceeds what is tolerated.
        z_threshold: What `z_score` must exceed.
        description: The difference in words.
    """

    column: str
    effect_size: float | None
    difference: float | None
    z_score: float | None
    z_threshold: float | None
    description: str


AlertKind = Literal["data_drift", "prediction_drift", "target_drift", "performance"]
"""What can drift: features, predictions, outcomes, and how often predictions are right."""


class Alert(Struct, frozen=True):
    """Drift began or ended. Both alerts of one incident have the same `incident`.

    Attributes:
        incident: Identifier of the incident.
        kind: What drifted.
        status: `firing` when it began, `resolved` when it ended.
        started_at: Start of the first window that differs, ms since the epoch.
        window_start: Start of the window that decided it, ms since the epoch.
        model: Name of the registered model.
        model_version: Version whose reference set was compared.
        message: The alert in words.
        columns: The columns that drifted.
        report_path: Path of Evidently's report on monitoring's pages; null without one.
    """

    incident: str
    kind: AlertKind
    status: Literal["firing", "resolved"]
    started_at: Milliseconds
    window_start: Milliseconds
    model: str
    model_version: str
    message: str
    columns: list[ColumnDrift]
    report_path: str | None = None
    contract_version: str = CONTRACT_VERSION


class RetrainingRequest(Struct, frozen=True):
    """A request for a training. Requests with the same `id` lead to one training.

    Attributes:
        id: Identifier, chosen by the sender.
        requested_by: Person or program.
        reason: Why, in words.
        requested_at: When, ms since the epoch.
        urgent: Whether to start without waiting for the cooldown between trainings.
    """

    id: EventId
    requested_by: str
    reason: str
    requested_at: Milliseconds
    urgent: bool = False
    contract_version: str = CONTRACT_VERSION


class ShadowComparison(Struct, frozen=True):
    """Results of the champion and of the shadow version on the same records of a window.

    Published again as outcomes arrive: the newest one has the most records with an outcome.

    Attributes:
        window_start: Start of the window, ms since the epoch.
        window_end: End of the window, exclusive, ms since the epoch.
        model: Name of the registered model.
        champion_version: Version that made the predictions.
        shadow_version: Version that scored the same records in its shadow.
        rows: Records that both scored.
        disagreements: Records on which their classes differ.
        both_correct: Records with an outcome on which both are right.
        champion_only_correct: Those on which only the champion is right.
        shadow_only_correct: Those on which only the shadow is right.
        neither_correct: Those on which both are wrong.
        champion_only_correct_positive: Those of `champion_only_correct` whose outcome is the second
            class of the schema.
        shadow_only_correct_positive: The same of `shadow_only_correct`.
    """

    window_start: Milliseconds
    window_end: Milliseconds
    model: str
    champion_version: str
    shadow_version: str
    rows: int
    disagreements: int
    both_correct: int
    champion_only_correct: int
    shadow_only_correct: int
    neither_correct: int
    champion_only_correct_positive: int = 0
    shadow_only_correct_positive: int = 0
    contract_version: str = CONTRACT_VERSION

    @property
    def labelled_rows(self) -> int:
        """Records whose outcome is known."""
        return (
            self.both_correct
            + self.champion_only_correct
            + self.shadow_only_correct
            + self.neither_correct
        )


LifecycleKind = Literal[
    "requested",
    "request_withdrawn",
    "training_started",
    "training_failed",
    "version_registered",
    "version_rejected",
    "challenger_set",
    "challenger_rejected",
    "promoted",
    "confirmed",
    "rolled_back",
]
"""Steps of a model version's lifecycle.

A training is requested, or the request is withdrawn; it starts, or fails; its version is
registered. The gate rejects the version, makes it challenger or promotes it. A challenger is
rejected or promoted after shadow scoring. A new champion is confirmed after its probation, or
rolled back.
"""


class LifecycleEvent(Struct, frozen=True):
    """A step of a model version's lifecycle. An event that is published twice has the same `id`.

    Attributes:
        id: Identifier of the event.
        kind: The step.
        occurred_at: When it happened, ms since the epoch.
        model: Name of the registered model.
        message: The step in words.
        model_version: Version; null for a step before there is one.
        flow_run_id: Prefect flow run; null where there is none.
        request_ids: Incidents of alerts and ids of retraining requests that led to the training.
    """

    id: str
    kind: LifecycleKind
    occurred_at: Milliseconds
    model: str
    message: str
    model_version: str | None = None
    flow_run_id: str | None = None
    request_ids: list[str] = []
    contract_version: str = CONTRACT_VERSION


def made_id(topic: str, partition: int, offset: int) -> str:
    """The id of a record that brings none: unique for as long as the topic is not recreated."""
    return f"{topic}-{partition}-{offset}"
