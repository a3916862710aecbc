"""Requests wait on their topic until they are done with."""

from contract.events import Alert, RetrainingRequest
from training.loop.request import Waiting, by_hand, cause_of, of_alert, of_person

ALERTS = ("alerts", 0)
RETRAINS = ("retrains", 0)


def alert(number: int) -> Alert:
    name = f"performance-{number}"
    return Alert(name, "performance", "firing", number, number, "m", "1", f"{name}!", [])


def waiting() -> Waiting:
    """Two alerts at 3 and 5, of five messages, and somebody's wish at 0."""
    box = Waiting()
    for offset in range(3, 8):
        if offset in (3, 5):
            box.add(of_alert(alert(offset), 10 * offset, ALERTS, offset))
        box.read(ALERTS, offset)
    box.add(of_person(RetrainingRequest("x", "ann", "new data", 40), 40, RETRAINS, 0))
    box.read(RETRAINS, 0)
    return box


def test_what_waits_is_read_again_by_a_process_that_takes_over() -> None:
    box = waiting()
    assert box.offsets() == {ALERTS: 3, RETRAINS: 0}
    box.remove(["alert/performance-3"])
    assert box.offsets() == {ALERTS: 5, RETRAINS: 0}
    box.remove(["alert/performance-5", "person/x", "nobody"])
    assert box.offsets() == {ALERTS: 8, RETRAINS: 1}


def test_the_oldest_comes_first_whatever_its_topic() -> None:
    names = [each.name for each in waiting().all()]
    assert names == ["alert/performance-3", "person/x", "alert/performance-5"]


def test_an_episode_that_is_read_twice_waits_once() -> None:
    box = waiting()
    box.add(of_alert(alert(5), 99, ALERTS, 8))
    box.read(ALERTS, 8)
    assert len(box.all()) == 3
    box.remove(["alert/performance-3", "alert/performance-5"])
    assert box.offsets()[ALERTS] == 9


def test_a_run_for_several_requests_has_the_first_alert_as_its_cause() -> None:
    asked = [each.parameter() for each in waiting().all()]
    cause = cause_of([asked[1], asked[0]], "run")
    assert (cause.kind, cause.episode, cause.run) == ("alert", "performance-3", "run")
    assert cause.words == "ann: new data / performance-3!"
    assert cause.requests == ("person/x", "alert/performance-3")


def test_a_run_that_is_told_nothing_is_the_schedules() -> None:
    assert cause_of([], "run").kind == "schedule"


def test_a_training_by_hand_is_a_persons() -> None:
    cause = cause_of([by_hand("ann@host")], "run")
    assert (cause.kind, cause.episode) == ("person", None)
    assert "ann@host" in cause.words
