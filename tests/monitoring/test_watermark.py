"""How far event time has come, and who must wait for whom."""

from monitoring.windows.watermark import Silence, Watermark

NOW = 1_000_000
TOPICS = ("customers", "predictions")
C0, C1, P0 = ("customers", 0), ("customers", 1), ("predictions", 0)


def watermark(lateness: int = 0) -> Watermark:
    return Watermark(TOPICS, lateness)


def test_the_slowest_partition_that_has_more_to_read_holds_time_back() -> None:
    own = watermark()
    for place, time in ((C0, 100), (C1, 30), (P0, 100)):
        own.saw(place, time)
    assert own.value({C0, C1}, (), NOW) == 30


def test_a_partition_that_is_read_to_its_end_holds_nothing_back() -> None:
    own = watermark()
    for place, time in ((C0, 100), (C1, 30), (P0, 90)):
        own.saw(place, time)
    assert own.value((), (), NOW) == 90


def test_time_does_not_pass_while_a_partition_is_unread() -> None:
    own = watermark()
    own.saw(C0, 100)
    own.saw(P0, 100)
    assert own.value({C1}, (), NOW) == float("-inf")


def test_windows_wait_for_the_predictions() -> None:
    own = watermark()
    own.saw(C0, 1_000)
    own.saw(P0, 10)
    assert own.value((), (), NOW) == 10


def test_they_do_not_wait_for_a_scorer_that_is_silent() -> None:
    own = watermark()
    own.saw(C0, 1_000)
    own.saw(P0, 10)
    assert own.value((), {"predictions"}, NOW) == 1_000
    assert own.value({P0}, {"predictions"}, NOW) == 10  # it has more to read: not silent after all


def test_when_all_is_silent_event_time_follows_the_clock() -> None:
    own = watermark(lateness=5)
    own.saw(C0, 100)
    assert own.value((), set(TOPICS), NOW) == NOW - 5


def test_lateness_is_granted() -> None:
    own = watermark(lateness=5)
    own.saw(C0, 100)
    own.saw(P0, 100)
    assert own.value((), (), NOW) == 95


def test_an_older_record_does_not_turn_time_back() -> None:
    own = watermark()
    for time in (100, 50):
        own.saw(C0, time)
        own.saw(P0, time)
    assert own.value((), (), NOW) == 100


def test_what_is_far_ahead_must_wait_and_the_slowest_never() -> None:
    own = watermark()
    own.saw(C0, 1_000)
    own.saw(P0, 10)
    assert own.ahead(own.value((), (), NOW), by=500) == {C0}
    assert own.ahead(own.value((), (), NOW), by=990) == set()
    assert own.ahead(float("-inf"), by=500) == {C0}
    assert watermark().ahead(float("-inf"), by=500) == set()
    assert own.ahead(float("inf"), by=500) == set()


def test_all_topics_are_silent_sooner_than_one_alone() -> None:
    own = Silence(TOPICS, idle=5, patience=60, now=0)
    own.read("customers", 10)
    own.read("outcomes", 14)
    assert own.silent(14, all_read=True) == set()
    assert own.silent(16, all_read=True) == set(TOPICS)
    assert own.silent(16, all_read=False) == set()  # what is held back is not silent
    own.read("customers", 61)
    assert own.silent(62, all_read=False) == {"predictions"}
    own.read("predictions", 63)
    assert own.silent(64, all_read=True) == set()
