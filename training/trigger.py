"""The trigger of a training: the tags of its run, and the end of a prediction's trace. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

TAG_PREFIX: Final = "trigger."
FLOW_RUN_TAG: Final = "trigger.flow_run_id"
"""Tag of a version: the Prefect flow run that trained it."""
REQUESTS_TAG: Final = "trigger.request_ids"
"""Tag of a version: the ids of the requests for that run, one for each line."""
INCIDENT_TAG: Final = "trigger.incident"
"""Tag of a version: the incident of the alert that triggered its training."""

TriggerKind = Literal["schedule", "alert", "person"]


@dataclass(frozen=True)
class Trigger:
    """Why a model is trained.

    Attributes:
        kind: the schedule, an alert, or a person's request.
        incident: of the alert; None for other kinds.
        message: for people.
        request_ids: all requests that the training answers; none for the schedule.
        flow_run_id: of Prefect; None outside of it.
    """

    kind: TriggerKind
    incident: str | None = None
    message: str = ""
    request_ids: tuple[str, ...] = ()
    flow_run_id: str | None = None

    def tags(self) -> dict[str, str]:
        """The trigger as MLflow tags, without those that have no value."""
        tags = {
            f"{TAG_PREFIX}kind": self.kind,
            INCIDENT_TAG: self.incident,
            f"{TAG_PREFIX}message": self.message,
            REQUESTS_TAG: "\n".join(self.request_ids),
            FLOW_RUN_TAG: self.flow_run_id,
        }
        return {name: value for name, value in tags.items() if value}


def manual_request(user: str) -> dict[str, Any]:
    """The flow parameter for a training that `intent train` starts without the controller."""
    return {
        "id": f"person/{user}",
        "kind": "person",
        "incident": None,
        "message": f"{user}: intent train",
    }


def merge_triggers(requests: Sequence[Mapping[str, Any]], flow_run_id: str | None) -> Trigger:
    """One trigger for a run: the first alert's, otherwise a person's, with all messages.

    Args:
        requests: the flow parameter, as of `controller.pending_requests.Request.parameter`; empty
            for a run of the schedule.
        flow_run_id: of Prefect, if there is one.
    """
    if not requests:
        return Trigger("schedule", None, "scheduled", flow_run_id=flow_run_id)
    first = min(requests, key=lambda request: request["kind"] != "alert")
    return Trigger(
        first["kind"],
        first["incident"],
        " / ".join(request["message"] for request in requests),
        tuple(request["id"] for request in requests),
        flow_run_id,
    )
