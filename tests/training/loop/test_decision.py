"""One training at a time, none lost, none twice: what is decided from what waits and what ran."""

from dataclasses import replace
from typing import Any

from training.cause import Cause
from training.loop.decision import Rules, Run, Start, Wait, cooldown_until, decide
from training.loop.request import Request

RULES = Rules(settle=0, cooldown=100, attempts=3, retry_after=10)


def a_request(name: str, at: int = 0, now: bool = False) -> Request:
    return Request(name, Cause("alert", name, "words"), at, ("alerts", 0), at, now)


def a_run(name: str = "run", **changes: Any) -> Run:
    """One that was asked for at 0, ran, and ended at 50."""
    given = {
        "state": "completed",
        "asked": (a_request("first").parameter(),),
        "attempt": 1,
        "created": 0,
        "started": 1,
        "ended": 50,
    }
    return Run(name, **{**given, **changes})


def names(step: Start | Wait) -> list[str]:
    assert isinstance(step, Start), step
    return [str(each["name"]) for each in step.asked]


def test_the_first_request_is_trained_for_at_once() -> None:
    step = decide([a_request("a")], [], 0, RULES)
    assert isinstance(step, Start)
    assert (step.key, names(step), step.attempt) == ("a", ["a"], 1)


def test_nothing_is_trained_that_nobody_asks_for() -> None:
    assert isinstance(decide([], [a_run()], 1_000, RULES), Wait)


def test_a_request_waits_for_the_training_that_is_asked_for_or_runs() -> None:
    for state in ("waiting", "running"):
        active = a_run(state=state, ended=None)
        assert decide([a_request("b", now=True)], [active], 1_000, RULES) == Wait(
            None, "a training runs"
        )


def test_a_request_in_the_cooldown_is_trained_for_when_that_is_over() -> None:
    waiting = [a_request("b", at=60)]
    step = decide(waiting, [a_run()], 149, RULES)
    assert isinstance(step, Wait)
    assert step.until == 150 == cooldown_until([a_run()], RULES)
    assert names(decide(waiting, [a_run()], 150, RULES)) == ["b"]


def test_all_that_waited_get_one_training_under_the_name_of_the_oldest() -> None:
    step = decide([a_request("b", 60), a_request("c", 70)], [a_run()], 150, RULES)
    assert isinstance(step, Start)
    assert (step.key, names(step)) == ("b", ["b", "c"])


def test_one_that_is_urgent_does_not_wait_for_the_cooldown_and_takes_the_others_along() -> None:
    step = decide([a_request("b", 60), a_request("c", 70, now=True)], [a_run()], 80, RULES)
    assert names(step) == ["b", "c"]


def test_an_alert_waits_for_outcomes_of_what_has_changed_and_a_person_does_not() -> None:
    rules = replace(RULES, settle=30)
    alert, person = a_request("b", at=200), replace(a_request("p", at=210), cause=Cause("person"))
    step = decide([alert], [a_run()], 229, rules)
    assert isinstance(step, Wait)
    assert step.until == 230
    assert names(decide([alert], [a_run()], 230, rules)) == ["b"]
    assert names(decide([alert, person], [a_run()], 210, rules)) == ["b", "p"]


def test_the_schedules_training_counts_for_the_cooldown() -> None:
    scheduled = a_run(asked=(), created=-1_000)
    assert isinstance(decide([a_request("b")], [scheduled], 149, RULES), Wait)


def test_a_training_that_a_person_cancelled_is_neither_tried_again_nor_counted() -> None:
    cancelled = a_run(state="cancelled")
    assert isinstance(decide([], [cancelled], 1_000, RULES), Wait)
    assert names(decide([a_request("b")], [cancelled], 60, RULES)) == ["b"]


def test_a_failed_training_is_tried_again_with_what_has_come_meanwhile() -> None:
    failed = a_run(state="failed")
    assert isinstance(decide([a_request("b")], [failed], 59, RULES), Wait)
    step = decide([a_request("b")], [failed], 60, RULES)
    assert isinstance(step, Start)
    assert (step.key, names(step), step.attempt) == ("run/2", ["first", "b"], 2)


def test_after_its_last_attempt_a_failed_training_waits_for_the_next_request() -> None:
    failed = a_run(state="failed", attempt=3)
    assert isinstance(decide([], [failed], 10_000, RULES), Wait)
    assert isinstance(decide([a_request("b")], [failed], 149, RULES), Wait)
    assert names(decide([a_request("b")], [failed], 150, RULES)) == ["b"]


def test_a_failed_training_that_another_came_after_is_over() -> None:
    failed = a_run("old", state="failed")
    newer = a_run("new", created=60, started=61, ended=70)
    assert isinstance(decide([], [newer, failed], 10_000, RULES), Wait)


def test_of_the_schedules_runs_the_last_is_that_which_started_last() -> None:
    scheduled = a_run("s", state="failed", asked=(), created=-5_000, started=200, ended=210)
    step = decide([], [a_run(), scheduled], 1_000, RULES)
    assert isinstance(step, Start)
    assert step.key == "s/2"
