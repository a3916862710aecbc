"""How far event time has advanced, and which topics windows wait for."""

from monitoring.windows.watermark import IdlenessDetector, Watermark

NOW = 1_000_000
TOPICS = ("customers", "predictions")
C0, C1, P0 = ("customers", 0), ("customers", 1), ("predictions", 0)


def watermark(lateness: int = 0) -> Watermark:
    return Watermark(TOPICS, lateness)


def test_the_slowest_partition_that_has_more_to_read_holds_time_back() -> None:
    mark = watermark()
    for partition, time in ((C0, 100), (C1, 30), (P0, 100)):
        mark.observe(partition, time)
    assert mark.advance({C0, C1}, (), NOW) == 30


def test_a_partition_that_is_read_to_its_end_holds_nothing_back() -> None:
    mark = watermark()
    for partition, time in ((C0, 100), (C1, 30), (P0, 90)):
        mark.observe(partition, time)
    assert mark.advance((), (), NOW) == 90


def test_time_does_not_pass_while_a_partition_is_unread() -> None:
    mark = watermark()
    mark.observe(C0, 100)
    mark.observe(P0, 100)
    assert mark.advance({C1}, (), NOW) == float("-inf")


def test_windows_wait_for_the_predictions() -> None:
    mark = watermark()
    mark.observe(C0, 1_000)
    mark.observe(P0, 10)
    assert mark.advance((), (), NOW) == 10


def test_windows_do_not_wait_for_an_idle_scorer() -> None:
    mark = watermark()
    mark.observe(C0, 1_000)
    mark.observe(P0, 10)
    assert mark.advance({P0}, {"predictions"}, NOW) == 10  # it has more to read: not idle
    assert mark.advance((), {"predictions"}, NOW) == 1_000


def test_event_time_follows_the_clock_when_all_topics_are_idle() -> None:
    mark = watermark(lateness=5)
    mark.observe(C0, 100)
    assert mark.advance((), set(TOPICS), NOW) == NOW - 5


def test_allowed_lateness_is_subtracted() -> None:
    mark = watermark(lateness=5)
    mark.observe(C0, 100)
    mark.observe(P0, 100)
    assert mark.advance((), (), NOW) == 95


def test_an_older_record_does_not_turn_time_back() -> None:
    mark = watermark()
    for time in (100, 50):
        mark.observe(C0, time)
        mark.observe(P0, time)
    assert mark.advance((), (), NOW) == 100


def test_partition_that_was_silent_for_long_does_not_turn_time_back() -> None:
    mark = watermark()
    for partition, time in ((C0, 1_000), (C1, 10), (P0, 1_000)):
        mark.observe(partition, time)
    assert mark.advance((), (), NOW) == 1_000
    assert mark.advance({C1}, (), NOW) == 1_000
    mark.observe(C0, 2_000)
    mark.observe(P0, 2_000)
    assert mark.advance({C1}, (), NOW) == 1_000
    assert mark.advance((), (), NOW) == 2_000


def test_each_partition_has_a_watermark_of_its_own() -> None:
    mark = watermark(lateness=5)
    mark.observe(C0, 100)
    assert mark.partition_watermarks([C0, C1]) == {C0: 95, C1: float("-inf")}


def test_partition_far_ahead_is_paused_and_the_slowest_never() -> None:
    mark = watermark()
    mark.observe(C0, 1_000)
    mark.observe(P0, 10)
    assert mark.partitions_ahead(mark.advance((), (), NOW), limit=500) == {C0}
    assert mark.partitions_ahead(mark.advance((), (), NOW), limit=990) == set()
    assert mark.partitions_ahead(float("-inf"), limit=500) == {C0}
    assert watermark().partitions_ahead(float("-inf"), limit=500) == set()
    assert mark.partitions_ahead(float("inf"), limit=500) == set()


def test_all_topics_are_idle_sooner_than_one_alone() -> None:
    detector = IdlenessDetector(TOPICS, idle_timeout=5, prediction_timeout=60, now=0)
    detector.record_read("customers", 10)
    detector.record_read("outcomes", 14)
    assert detector.idle_topics(14, all_read=True) == set()
    assert detector.idle_topics(16, all_read=True) == set(TOPICS)
    assert detector.idle_topics(16, all_read=False) == set()  # what is paused is not idle
    detector.record_read("customers", 61)
    assert detector.idle_topics(62, all_read=False) == {"predictions"}
    detector.record_read("predictions", 63)
    assert detector.idle_topics(64, all_read=True) == set()
