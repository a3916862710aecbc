"""The values that travel on the topics. All times are milliseconds since the Unix epoch, UTC."""

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from contract import cars
from contract.scalars import EventId, Milliseconds
from contract.table.chosen import IS_CARS, TABLE

CONTRACT_VERSION: Final = "1"

if TYPE_CHECKING or IS_CARS:
    CustomerRecord = cars.CustomerRecord
    Prediction = cars.Prediction
    Outcome = cars.Outcome
else:
    from contract.table import types

    CustomerRecord = types.record(TABLE)
    Prediction = types.prediction(TABLE)
    Outcome = types.outcome(TABLE)


class Cut(Struct, frozen=True, gc=False):
    """What is missing in a dead letter, since its record is too large for the topic.

    Of the value there is a beginning; `value_bytes` and `value_sha256` (hexadecimal) are those of
    all of it. `headers` and `key` say whether those were left out.
    """

    value_bytes: int
    value_sha256: str
    headers: bool = False
    key: bool = False


class DeadLetter(Struct, frozen=True, gc=False):
    """A record of `customers` that does not fit the contract, byte for byte, and why.

    `key`, `value` and header values are the raw bytes, base64 in JSON; null stays null. A header
    name that is no UTF-8 is a single U+FFFD. `cut` is null unless something is missing.
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
    cut: Cut | None = None


class Replay(Struct, frozen=True, gc=False):
    """A dead letter's record was written to its topic again, in the same transaction as this.

    `partition`, `offset` and `timestamp` are those of the dead letter itself. `replayed_at` is
    when.
    """

    partition: int
    offset: int
    timestamp: int
    replayed_at: Milliseconds


class Evidence(Struct, frozen=True):
    """How one column differs from the reference, as the drift rule found it.

    `effect` is the difference in standard deviations of the reference, `difference` the same in the
    column's own unit or as a share; `evidence` the standard errors by which it is beyond what is
    tolerated, and `threshold` what that must exceed. Null where there is nothing to compare.
    """

    column: str
    effect: float | None
    difference: float | None
    evidence: float | None
    threshold: float | None
    words: str


AlertKind = Literal["data_drift", "prediction_drift", "target_drift", "performance"]
"""What can drift: features, predictions, outcomes, and how often predictions are right."""


class Alert(Struct, frozen=True):
    """An episode of drift began or ended. One of each for an episode, both under its `episode`.

    `since` is the start of the first window that differs, `window` that of the window in which it
    became certain. `report` is the path of Evidently's report on the monitoring's pages.
    """

    episode: str
    kind: AlertKind
    status: Literal["firing", "resolved"]
    since: Milliseconds
    window: Milliseconds
    model: str
    model_version: str
    words: str
    evidence: list[Evidence]
    report: str | None = None
    contract_version: str = CONTRACT_VERSION


class Retrain(Struct, frozen=True):
    """Somebody asks for a training. Asked twice under one `id`, it is trained once.

    `now`: without waiting for the time that lies between two trainings.
    """

    id: EventId
    who: str
    why: str
    asked_at: Milliseconds
    now: bool = False
    contract_version: str = CONTRACT_VERSION


class Comparison(Struct, frozen=True):
    """What the champion and the model in its shadow made of the same records of a window.

    `window` and `end` bound it. Of `rows` records both were right on `both_right`, one alone on
    `champion_right` and `shadow_right`, none on `both_wrong`, as far as outcomes are known. As they
    come, the same window is told of again; what has most rows with an outcome is the newest.
    """

    window: Milliseconds
    end: Milliseconds
    model: str
    champion: str
    shadow: str
    rows: int
    disagreed: int
    both_right: int
    champion_right: int
    shadow_right: int
    both_wrong: int
    contract_version: str = CONTRACT_VERSION

    @property
    def labelled(self) -> int:
        """Rows whose outcome is known."""
        return self.both_right + self.champion_right + self.shadow_right + self.both_wrong


LifecycleKind = Literal[
    "requested",
    "withdrawn",
    "started",
    "failed",
    "trained",
    "kept",
    "challenger",
    "refused",
    "promoted",
    "confirmed",
    "rolled_back",
]
"""Steps of a model's life: a training is asked for, or no more; it starts, or fails; a version is
registered; it does not take over, scores in the champion's shadow, is refused after that, takes
over, is found as good as its predecessor, or gives way to it again."""


class Lifecycle(Struct, frozen=True):
    """A step of a model's life. No two have the same `id`, and one told twice has the same.

    `at` is when it happened. `requests` are the alerts' episodes and the ids of `retrains` that a
    training is for; `run` is its Prefect run. Null where there is none.
    """

    id: str
    kind: LifecycleKind
    at: Milliseconds
    model: str
    words: str
    model_version: str | None = None
    run: str | None = None
    requests: list[str] = []
    contract_version: str = CONTRACT_VERSION


def made_id(topic: str, partition: int, offset: int) -> str:
    """The id of a record that brings none: unique for as long as the topic is not recreated."""
    return f"{topic}-{partition}-{offset}"
