"""What the live page collects of the stream: rates, lag and latency, and dead letters as text."""

import threading

import pytest

from contract import codec
from contract.events import DeadLetter
from contract.schema import CARS
from contract.schema.task import DecisionRule
from contract.settings import load
from contract.shutdown import Shutdown
from contract.topics import topics
from monitoring.live.buffers import (
    MAX_LATENCIES_PER_SECOND,
    MAX_SUBSAMPLE,
    LatencyBySecond,
    LatencyQuantiles,
    RateSeries,
    RingBuffer,
    subsample,
)
from monitoring.live.collector import StreamCollector
from monitoring.live.messages import (
    MAX_CHARACTERS,
    MAX_HEADERS,
    decode_dead_letter_text,
    decode_lifecycle_event,
)
from monitoring.live.offsets import RecordTotals
from monitoring.reporting.reference import ReferenceSet
from monitoring.settings import MonitoringSettings
from tests.monitoring.builders import a_prediction
from tests.support.builders import a_customer


def no_latency(_: int) -> LatencyQuantiles | None:
    return None


def test_rates_are_the_records_produced_and_scored_between_two_measurements() -> None:
    series = RateSeries(10)
    series.add_totals(1_000, RecordTotals(1.0, 100, 90, 10), no_latency)
    series.add_totals(2_000, RecordTotals(3.0, 300, 280, 20), no_latency)
    first, second = series.points()
    assert (first.arrival_rate, first.lag) == (None, 10)
    assert (second.arrival_rate, second.scoring_rate, second.lag) == (100, 95, 20)


def test_a_broker_that_does_not_answer_leaves_a_gap_without_a_rate() -> None:
    series = RateSeries(10)
    series.add_totals(1_000, RecordTotals(1.0, 100, 100, 0), no_latency)
    series.add_totals(2_000, None, no_latency)
    series.add_totals(3_000, RecordTotals(3.0, 900, 900, 0), no_latency)
    assert [point.arrival_rate for point in series.points()] == [None, None, None]


def test_latency_belongs_to_the_second_in_which_the_predictions_were_made() -> None:
    latencies = LatencyBySecond(10)
    latencies.add_predictions(
        [a_prediction(str(n), event_time=5_000, scored_at=5_000 + n) for n in range(101)]
    )
    latencies.add_predictions([a_prediction("late", event_time=1_000, scored_at=6_000)])
    quantiles = latencies.quantiles(5)
    assert quantiles is not None
    assert (quantiles.p50, quantiles.p99) == (50, 99)
    assert latencies.quantiles(4) is None


def test_an_event_time_in_the_future_gives_no_negative_latency() -> None:
    latencies = LatencyBySecond(10)
    latencies.add_predictions([a_prediction("x", event_time=9_000, scored_at=5_000)])
    quantiles = latencies.quantiles(5)
    assert quantiles is not None
    assert quantiles.p50 == 0


def test_buffers_are_bounded_whatever_the_number_of_records() -> None:
    latencies = LatencyBySecond(3)
    for second in range(50):
        prediction = a_prediction("x", scored_at=second * 1_000)
        latencies.add_predictions([prediction] * (MAX_LATENCIES_PER_SECOND + 5))
    is_kept = [latencies.quantiles(second) is not None for second in (46, 47, 48, 49)]
    assert is_kept == [False, True, True, True]
    assert max(map(len, latencies._by_second.values())) == MAX_LATENCIES_PER_SECOND
    buffer: RingBuffer[int] = RingBuffer(100)
    for number in range(1_000):
        buffer.extend([number])
    assert buffer.to_list() == [*range(900, 1_000)]


@pytest.mark.parametrize(("version", "threshold"), [("3", 0.25), ("4", None)])
def test_the_threshold_is_shown_beside_the_version_that_has_it(
    version: str, threshold: float | None
) -> None:
    settings = load(MonitoringSettings)
    rows = CARS.encoder.to_frame([a_customer()]).assign(probability=0.5)
    reference = ReferenceSet("3", rows, CARS, DecisionRule(0.25))
    shutdown = Shutdown(threading.Event())
    collector = StreamCollector(settings, topics(settings), lambda: reference, shutdown)
    collector.add_predictions([a_prediction("a", model_version=version)])
    assert collector.snapshot().threshold == threshold


def test_a_subsample_of_a_large_batch_is_small_and_evenly_spaced() -> None:
    assert subsample([1, 2, 3]) == [1, 2, 3]
    assert subsample([]) == []
    sample = subsample(range(10_000))
    assert len(sample) <= MAX_SUBSAMPLE
    assert max(sample) > 9_900


def test_a_dead_letter_becomes_short_text_whatever_bytes_it_holds() -> None:
    dead_letter = DeadLetter(
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
    text = decode_dead_letter_text(codec.encode(dead_letter))
    assert text is not None
    assert len(codec.encode(text)) < 40 * MAX_CHARACTERS
    assert text.key == "\ufffd\x00"
    assert len(text.headers) == MAX_HEADERS


def test_messages_that_are_no_dead_letter_and_no_lifecycle_event_are_ignored() -> None:
    for value in (None, b"", b"{", b"[1]", b"\xff", b'{"reason": 1}'):
        assert decode_dead_letter_text(value) is None
        assert decode_lifecycle_event(value) is None
