"""The loop's turns: what is asked for -> one training at a time; what is known -> the diary."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Message

from contract import codec
from contract.errors import InvalidRecord
from contract.events import LifecycleEvent
from contract.outbox import Outbox
from contract.topics import Topics
from training.loop import diary
from training.loop.decision import Rules, Run, Start, cooldown_until, decide
from training.loop.inbox import Inbox
from training.loop.judge import Judge
from training.loop.ledger import Ledger
from training.loop.metrics import LoopMetrics
from training.loop.orchestrator import Orchestrator, PrefectAway
from training.loop.request import Place, Request, Waiting, name_of, of_alert, of_person

log = logging.getLogger(__name__)

WAIT: Final = 0.2
LOOK_EVERY: Final = 2.0
"""Seconds between two looks at Prefect and at the registry."""


@dataclass(frozen=True)
class Desk:
    """What the loop works with.

    Attributes:
        kinds: of alerts that ask for a training.
    """

    model: str
    kinds: Collection[str]
    rules: Rules
    topics: Topics
    inbox: Inbox
    orchestrator: Orchestrator
    ledger: Ledger
    judge: Judge
    diary: Outbox[LifecycleEvent]
    metrics: LoopMetrics


class Loop:
    """Nothing is kept here that a process which takes over would need.

    Requests stay on their topics until Prefect has their run; runs are in Prefect, versions in the
    registry, and what was told of them on the topic `model-lifecycle`.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting = Waiting()
        self._over: set[str] = set()
        self._runs: list[Run] = []
        self._look_at = 0.0
        self._said = ""

    def turn(self) -> None:
        """Reads what is there; now and then, decides. Raises the `PipelineError` that must stop us.

        What Prefect, the registry or the broker do not do now is tried again in a later turn.
        """
        self._hear()
        if self._desk.inbox.caught_up and time.monotonic() >= self._look_at:
            self.look()
            self._look_at = time.monotonic() + LOOK_EVERY

    def look(self) -> None:
        """Reads all that is there, and decides. Raises as `turn` does."""
        while self._hear():
            continue
        of_versions = self._desk.judge.turn(_now())
        self._train()  # after that, and so a run is told of before the version that it made
        self._desk.diary.add_events(of_versions)
        self._desk.diary.send_pending()
        if not len(self._desk.diary):  # what was read is told, and will not be read again
            self._desk.inbox.commit(self._waiting.offsets())
        until = cooldown_until(self._runs, self._desk.rules)
        self._desk.metrics.turned(_now(), self._waiting.all(), until)

    def _hear(self) -> bool:
        """Whether there was something to read, or is yet at the start."""
        messages = self._desk.inbox.take(WAIT)
        for message in messages:
            self._read(message)
        return bool(messages) or not self._desk.inbox.caught_up

    def close(self) -> None:
        """Leaves the broker."""
        self._desk.inbox.close()

    def _read(self, message: Message) -> None:
        place: Place = str(message.topic()), int(message.partition() or 0)
        try:
            self._take(message, place)
        except InvalidRecord as invalid:
            log.warning("%s, offset %s: %s", place[0], message.offset(), invalid)
        self._waiting.read(place, int(message.offset() or 0))

    def _take(self, message: Message, place: Place) -> None:
        where = message.timestamp()[1], place, int(message.offset() or 0)
        names = self._desk.topics
        if place[0] == names.shadow_comparisons.name:
            self._desk.ledger.add(codec.decode_shadow_comparison(message.value()))
        elif place[0] == names.retraining_requests.name:
            self._add(of_person(codec.decode_retraining_request(message.value()), *where))
        elif (alert := codec.decode_alert(message.value())).kind in self._desk.kinds:
            if alert.status == "firing":
                self._add(of_alert(alert, *where))
            else:
                self._over.add(name_of(alert.incident))

    def _add(self, request: Request) -> None:
        self._waiting.add(request)
        self._desk.diary.add_events([diary.requested(self._desk.model, request)])

    def _train(self) -> None:
        try:
            self._runs = self._desk.orchestrator.runs()
            self._settle(self._runs)
            step = decide(self._waiting.all(), self._runs, _now(), self._desk.rules)
            if isinstance(step, Start):
                run = self._desk.orchestrator.start(step)
                self._runs = [run, *(each for each in self._runs if each.id != run.id)]
                self._settle([run])
                log.info(
                    "asked Prefect for a training, run %s: %s", run.id, ", ".join(run.requests)
                )
        except PrefectAway as away:
            self._desk.metrics.prefect_away()
            self._say(f"{away}; requests wait")
            return
        self._say("")
        self._desk.metrics.runs(self._runs, self._desk.rules.attempts)
        self._desk.diary.add_events(diary.of_runs(self._desk.model, self._runs))

    def _settle(self, runs: list[Run]) -> None:
        """Forgets the requests that have their run, and those whose episode is over."""
        self._waiting.remove({name for run in runs for name in run.requests})
        for request in self._waiting.remove(self._over):
            self._desk.diary.add_events([diary.withdrawn(self._desk.model, request, _now())])
        self._over.clear()

    def _say(self, words: str) -> None:
        """Once for as long as it is so."""
        if words and words != self._said:
            log.warning(words)
        self._said = words


def _now() -> int:
    return round(time.time() * 1000)
