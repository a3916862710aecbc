"""Requests stay on their topic until they have a run; runs get one trigger."""

from contract.events import Alert, RetrainingRequest
from training.controller.pending_requests import (
    PendingRequests,
    request_from_alert,
    request_from_person,
)
from training.trigger import manual_request, merge_triggers

ALERTS = ("alerts", 0)
REQUESTS = ("retraining-requests", 0)


def alert(number: int) -> Alert:
    name = f"performance-{number}"
    return Alert(name, "performance", "firing", number, number, "m", "1", f"{name}!", [])


def pending_requests() -> PendingRequests:
    """Alerts at offsets 3 and 5 of five messages, and a person's request at 0."""
    pending = PendingRequests()
    for offset in range(3, 8):
        if offset in (3, 5):
            pending.add_request(request_from_alert(alert(offset), 10 * offset, ALERTS, offset))
        pending.mark_read(ALERTS, offset)
    pending.add_request(
        request_from_person(RetrainingRequest("x", "ann", "new data", 40), 40, REQUESTS, 0)
    )
    pending.mark_read(REQUESTS, 0)
    return pending


def test_pending_requests_are_read_again_by_the_next_process() -> None:
    pending = pending_requests()
    assert pending.offsets_to_commit() == {ALERTS: 3, REQUESTS: 0}
    pending.remove_requests(["alert/performance-3"])
    assert pending.offsets_to_commit() == {ALERTS: 5, REQUESTS: 0}
    pending.remove_requests(["alert/performance-5", "person/x", "nobody"])
    assert pending.offsets_to_commit() == {ALERTS: 8, REQUESTS: 1}


def test_oldest_request_comes_first_whatever_its_topic() -> None:
    ids = [request.id for request in pending_requests().list_requests()]
    assert ids == ["alert/performance-3", "person/x", "alert/performance-5"]


def test_incident_that_is_read_twice_is_pending_once() -> None:
    pending = pending_requests()
    pending.add_request(request_from_alert(alert(5), 99, ALERTS, 8))
    pending.mark_read(ALERTS, 8)
    assert len(pending.list_requests()) == 3
    pending.remove_requests(["alert/performance-3", "alert/performance-5"])
    assert pending.offsets_to_commit()[ALERTS] == 9


def test_run_for_several_requests_has_the_first_alert_as_its_trigger() -> None:
    parameters = [request.parameter() for request in pending_requests().list_requests()]
    trigger = merge_triggers([parameters[1], parameters[0]], "run")
    assert (trigger.kind, trigger.incident, trigger.flow_run_id) == (
        "alert",
        "performance-3",
        "run",
    )
    assert trigger.message == "ann: new data / performance-3!"
    assert trigger.request_ids == ("person/x", "alert/performance-3")


def test_run_without_requests_is_triggered_by_the_schedule() -> None:
    assert merge_triggers([], "run").kind == "schedule"


def test_training_by_hand_is_triggered_by_a_person() -> None:
    trigger = merge_triggers([manual_request("ann@host")], "run")
    assert (trigger.kind, trigger.incident) == ("person", None)
    assert "ann@host" in trigger.message
