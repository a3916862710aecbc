"""What the page is told of the stream: rates, lag and delays, and dead letters as text."""

from contract import codec
from contract.events import DeadLetter
from monitoring.live.ends import Ends
from monitoring.live.latency import MOST_OF_A_SECOND, Delays
from monitoring.live.letters import MOST, MOST_HEADERS, letter
from monitoring.live.population import MOST_OF_A_BATCH, Latest, spread
from monitoring.live.series import Series
from monitoring.live.steps import step
from tests.monitoring.builders import a_prediction


def test_rates_are_what_was_written_and_answered_between_two_looks() -> None:
    series = Series(10)
    series.add(1_000, Ends(1.0, 100, 90, 10), lambda _: None)
    series.add(2_000, Ends(3.0, 300, 280, 20), lambda _: None)
    first, second = series.moments()
    assert (first.arrived, first.lag) == (None, 10)
    assert (second.arrived, second.answered, second.lag) == (100, 95, 20)


def test_a_broker_that_does_not_answer_leaves_a_gap_and_no_rate_out_of_thin_air() -> None:
    series = Series(10)
    series.add(1_000, Ends(1.0, 100, 100, 0), lambda _: None)
    series.add(2_000, None, lambda _: None)
    series.add(3_000, Ends(3.0, 900, 900, 0), lambda _: None)
    assert [each.arrived for each in series.moments()] == [None, None, None]


def test_delays_are_of_the_second_in_which_the_predictions_were_made() -> None:
    delays = Delays(10)
    delays.add([a_prediction(str(n), event_time=5_000, scored_at=5_000 + n) for n in range(101)])
    delays.add([a_prediction("late", event_time=1_000, scored_at=6_000)])
    found = delays.of(5)
    assert found is not None
    assert (found.p50, found.p99) == (50, 99)
    assert delays.of(4) is None


def test_an_event_of_the_future_has_no_negative_delay() -> None:
    delays = Delays(10)
    delays.add([a_prediction("x", event_time=9_000, scored_at=5_000)])
    found = delays.of(5)
    assert found is not None
    assert found.p50 == 0


def test_what_is_kept_is_bounded_however_much_comes() -> None:
    delays = Delays(3)
    for second in range(50):
        delays.add([a_prediction("x", scored_at=second * 1_000)] * (MOST_OF_A_SECOND + 5))
    assert [delays.of(second) is not None for second in (46, 47, 48, 49)] == [False, *[True] * 3]
    assert max(map(len, delays._by_second.values())) == MOST_OF_A_SECOND
    latest: Latest[int] = Latest(100)
    for number in range(1_000):
        latest.add([number])
    assert latest.all() == [*range(900, 1_000)]


def test_of_a_large_batch_a_few_are_looked_at_evenly() -> None:
    assert spread([1, 2, 3]) == [1, 2, 3]
    assert spread([]) == []
    some = spread(range(10_000))
    assert len(some) <= MOST_OF_A_BATCH
    assert max(some) > 9_900


def test_a_dead_letter_is_text_and_short_whatever_bytes_it_holds() -> None:
    dead = DeadLetter(
        reason="invalid_utf8",
        detail="x" * 10_000,
        topic="customers",
        partition=1,
        offset=2,
        timestamp=-1,
        key=b"\xff\x00",
        value=b"\xff" * 1_000_000,
        headers=[("n" * 10_000, None)] * 1_000,
    )
    found = letter(codec.encode(dead))
    assert found is not None
    assert len(codec.encode(found)) < 40 * MOST
    assert found.key == "\ufffd\x00"
    assert len(found.headers) == MOST_HEADERS


def test_what_is_no_dead_letter_and_no_step_is_passed_over() -> None:
    for value in (None, b"", b"{", b"[1]", b"\xff", b'{"reason": 1}'):
        assert letter(value) is None
        assert step(value) is None
