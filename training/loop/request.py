"""A message on `alerts` or `retraining-requests` -> a request for a training. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.events import Alert, RetrainingRequest
from training.cause import Cause

Place = tuple[str, int]
"""A topic and a partition."""


@dataclass(frozen=True)
class Request:
    """Somebody, or something, wants a training.

    Attributes:
        name: of the alert's episode, or of the person's command: no two requests have the same.
        cause: why.
        at: when it was asked for, ms.
        place: where it stands, with its `offset`.
        now: it does not wait for the cooldown.
    """

    name: str
    cause: Cause
    at: int
    place: Place
    offset: int
    now: bool = False

    @property
    def order(self) -> tuple[int, str]:
        """The oldest first; the same for every process that reads the same topics."""
        return self.at, self.name

    def parameter(self) -> dict[str, Any]:
        """What a run is told of it."""
        return {
            "name": self.name,
            "kind": self.cause.kind,
            "episode": self.cause.episode,
            "words": self.cause.words,
        }


def of_alert(alert: Alert, at: int, place: Place, offset: int) -> Request:
    """The request of an episode that has begun."""
    return Request(
        name_of(alert.incident),
        Cause("alert", alert.incident, alert.message),
        at,
        place,
        offset,
    )


def of_person(asked: RetrainingRequest, at: int, place: Place, offset: int) -> Request:
    """The request of somebody."""
    return Request(
        f"person/{asked.id}",
        Cause("person", None, f"{asked.requested_by}: {asked.reason}"),
        at,
        place,
        offset,
        asked.urgent,
    )


def by_hand(who: str) -> dict[str, Any]:
    """What a run is told that somebody starts at once, without the loop."""
    words = f"{who}: intent train"
    return {"name": f"person/{who}", "kind": "person", "episode": None, "words": words}


def name_of(episode: str) -> str:
    """The name of an episode's request."""
    return f"alert/{episode}"


def cause_of(asked: Sequence[Mapping[str, Any]], run: str | None) -> Cause:
    """One cause of what a run was told: the first alert's, or else a person's, in all their words.

    A run that was told nothing is the schedule's. `run` is Prefect's, if it knows of it.
    """
    if not asked:
        return Cause("schedule", None, "it was time", run=run)
    first = min(asked, key=lambda each: each["kind"] != "alert")
    return Cause(
        first["kind"],
        first["episode"],
        " / ".join(each["words"] for each in asked),
        tuple(each["name"] for each in asked),
        run,
    )


class Waiting:
    """The requests that no run was asked for yet, and where the topics must be read again."""

    def __init__(self) -> None:
        self._requests: dict[str, Request] = {}
        self._next: dict[Place, int] = {}

    def read(self, place: Place, offset: int) -> None:
        """The message there was read."""
        self._next[place] = offset + 1

    def add(self, request: Request) -> None:
        """Takes a request; one of the same name stays as it is."""
        self._requests.setdefault(request.name, request)

    def remove(self, names: Collection[str]) -> list[Request]:
        """Forgets those of these names; returns those that there were."""
        return [self._requests.pop(name) for name in names if name in self._requests]

    def all(self) -> list[Request]:
        """The oldest first."""
        return sorted(self._requests.values(), key=lambda each: each.order)

    def offsets(self) -> dict[Place, int]:
        """Of each partition that was read, the first offset that is needed again."""
        needed = dict(self._next)
        for each in self._requests.values():
            needed[each.place] = min(each.offset, needed[each.place])
        return needed
