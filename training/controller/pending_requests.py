"""Messages of `alerts` and `retraining-requests` -> requests that wait for a training. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from contract.events import Alert, RetrainingRequest
from training.trigger import Trigger

TopicPartition = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True)
class Request:
    """A request for a training.

    Attributes:
        id: unique: of the alert's incident, or of the person's request.
        trigger: why.
        requested_at: ms since the epoch.
        partition: topic and partition of its message.
        offset: of its message.
        urgent: whether it skips the cooldown.
    """

    id: str
    trigger: Trigger
    requested_at: int
    partition: TopicPartition
    offset: int
    urgent: bool = False

    @property
    def sort_key(self) -> tuple[int, str]:
        """Oldest first; the same order in every process that reads the same topics."""
        return self.requested_at, self.id

    def parameter(self) -> dict[str, Any]:
        """The request as an element of the flow's parameter `requests`."""
        return {
            "id": self.id,
            "kind": self.trigger.kind,
            "incident": self.trigger.incident,
            "message": self.trigger.message,
        }


def request_from_alert(
    alert: Alert, requested_at: int, partition: TopicPartition, offset: int
) -> Request:
    """The request of an alert that fires."""
    return Request(
        request_id_of_incident(alert.incident),
        Trigger("alert", alert.incident, alert.message),
        requested_at,
        partition,
        offset,
    )


def request_from_person(
    request: RetrainingRequest, requested_at: int, partition: TopicPartition, offset: int
) -> Request:
    """The request of a person or a program."""
    return Request(
        f"person/{request.id}",
        Trigger("person", None, f"{request.requested_by}: {request.reason}"),
        requested_at,
        partition,
        offset,
        request.urgent,
    )


def request_id_of_incident(incident: str) -> str:
    """The id of an incident's request."""
    return f"alert/{incident}"


class PendingRequests:
    """Requests without a run, and the offsets from which the topics must be read again."""

    def __init__(self) -> None:
        self._requests: dict[str, Request] = {}
        self._next_offsets: dict[TopicPartition, int] = {}

    def mark_read(self, partition: TopicPartition, offset: int) -> None:
        """Records that the message at this offset was read."""
        self._next_offsets[partition] = offset + 1

    def add_request(self, request: Request) -> None:
        """Adds a request, unless there is one with its id."""
        self._requests.setdefault(request.id, request)

    def remove_requests(self, ids: Collection[str]) -> list[Request]:
        """Removes the requests with these ids; returns those that there were."""
        return [self._requests.pop(id_) for id_ in ids if id_ in self._requests]

    def list_requests(self) -> list[Request]:
        """All pending requests, the oldest first."""
        return sorted(self._requests.values(), key=lambda request: request.sort_key)

    def offsets_to_commit(self) -> dict[TopicPartition, int]:
        """For each partition that was read, the first offset that is needed again."""
        offsets = dict(self._next_offsets)
        for request in self._requests.values():
            offsets[request.partition] = min(request.offset, offsets[request.partition])
        return offsets
