"""One training at a time, no request lost or answered twice. Pure."""

from dataclasses import replace
from typing import Any

from training.controller.pending_requests import Request
from training.controller.policy import (
    RetrainingPolicy,
    Run,
    StartRun,
    Wait,
    cooldown_end,
    next_action,
)
from training.trigger import Trigger

POLICY = RetrainingPolicy(alert_delay=0, cooldown=100, max_attempts=3, retry_delay=10)


def a_request(id_: str, at: int = 0, urgent: bool = False) -> Request:
    return Request(id_, Trigger("alert", id_, "message"), at, ("alerts", 0), at, urgent)


def a_run(id_: str = "run", **changes: Any) -> Run:
    """A run that was created at 0 and ended at 50."""
    fields = {
        "state": "completed",
        "requests": (a_request("first").parameter(),),
        "attempt": 1,
        "created": 0,
        "started": 1,
        "ended": 50,
    }
    return Run(id_, **{**fields, **changes})


def request_ids(action: StartRun | Wait) -> list[str]:
    assert isinstance(action, StartRun), action
    return [str(request["id"]) for request in action.requests]


def test_first_request_starts_a_training_at_once() -> None:
    action = next_action([a_request("a")], [], 0, POLICY)
    assert isinstance(action, StartRun)
    assert (action.key, request_ids(action), action.attempt) == ("a", ["a"], 1)


def test_without_requests_no_training_starts() -> None:
    assert isinstance(next_action([], [a_run()], 1_000, POLICY), Wait)


def test_request_waits_for_a_scheduled_or_running_training() -> None:
    for state in ("waiting", "running"):
        active = a_run(state=state, ended=None)
        assert next_action([a_request("b", urgent=True)], [active], 1_000, POLICY) == Wait(
            None, "a training is running"
        )


def test_request_in_the_cooldown_starts_a_training_after_it() -> None:
    pending = [a_request("b", at=60)]
    action = next_action(pending, [a_run()], 149, POLICY)
    assert isinstance(action, Wait)
    assert action.until == 150 == cooldown_end([a_run()], POLICY)
    assert request_ids(next_action(pending, [a_run()], 150, POLICY)) == ["b"]


def test_pending_requests_get_one_training_with_the_key_of_the_oldest() -> None:
    action = next_action([a_request("b", 60), a_request("c", 70)], [a_run()], 150, POLICY)
    assert isinstance(action, StartRun)
    assert (action.key, request_ids(action)) == ("b", ["b", "c"])


def test_urgent_request_skips_the_cooldown_and_takes_the_others_along() -> None:
    action = next_action(
        [a_request("b", 60), a_request("c", 70, urgent=True)], [a_run()], 80, POLICY
    )
    assert request_ids(action) == ["b", "c"]


def test_alert_waits_for_the_delay_and_a_person_does_not() -> None:
    policy = replace(POLICY, alert_delay=30)
    alert, person = (
        a_request("b", at=200),
        replace(a_request("p", at=210), trigger=Trigger("person")),
    )
    action = next_action([alert], [a_run()], 229, policy)
    assert isinstance(action, Wait)
    assert action.until == 230
    assert request_ids(next_action([alert], [a_run()], 230, policy)) == ["b"]
    assert request_ids(next_action([alert, person], [a_run()], 210, policy)) == ["b", "p"]


def test_scheduled_training_counts_for_the_cooldown() -> None:
    scheduled = a_run(requests=(), created=-1_000)
    assert isinstance(next_action([a_request("b")], [scheduled], 149, POLICY), Wait)


def test_cancelled_training_is_not_retried_and_starts_no_cooldown() -> None:
    cancelled = a_run(state="cancelled")
    assert isinstance(next_action([], [cancelled], 1_000, POLICY), Wait)
    assert request_ids(next_action([a_request("b")], [cancelled], 60, POLICY)) == ["b"]


def test_failed_training_is_retried_with_the_requests_that_came_meanwhile() -> None:
    failed = a_run(state="failed")
    assert isinstance(next_action([a_request("b")], [failed], 59, POLICY), Wait)
    action = next_action([a_request("b")], [failed], 60, POLICY)
    assert isinstance(action, StartRun)
    assert (action.key, request_ids(action), action.attempt) == ("run/2", ["first", "b"], 2)


def test_after_its_last_attempt_a_failed_training_is_not_retried() -> None:
    failed = a_run(state="failed", attempt=3)
    assert isinstance(next_action([], [failed], 10_000, POLICY), Wait)
    assert isinstance(next_action([a_request("b")], [failed], 149, POLICY), Wait)
    assert request_ids(next_action([a_request("b")], [failed], 150, POLICY)) == ["b"]


def test_failed_training_before_another_one_is_not_retried() -> None:
    failed = a_run("old", state="failed")
    newer = a_run("new", created=60, started=61, ended=70)
    assert isinstance(next_action([], [newer, failed], 10_000, POLICY), Wait)


def test_last_run_is_the_one_that_started_last() -> None:
    scheduled = a_run("s", state="failed", requests=(), created=-5_000, started=200, ended=210)
    action = next_action([], [a_run(), scheduled], 1_000, POLICY)
    assert isinstance(action, StartRun)
    assert action.key == "s/2"
