"""When a bounded run is complete, and what is reported until then."""

from dataclasses import replace

from msgspec import structs

from intent.local.bounded_run import describe_incomplete
from intent.local.delivery_counts import DeliveryCounts
from intent.local.scrape import Samples
from intent.local.status import MetricsAggregator, PipelineMetrics, WindowStatus

IDLE: PipelineMetrics = replace(MetricsAggregator().add_scrape(Samples(), Samples(), 0), lag=0)
REPORTED = WindowStatus(0, 10_000, rows=2, result="reported", report="a.html")


def counted(count: int) -> DeliveryCounts:
    counts = DeliveryCounts({})
    places = [(0, offset) for offset in range(count)]
    counts.add_records(places)
    counts.add_predictions(places)
    return counts


def test_run_is_complete_with_all_results_no_lag_and_a_report() -> None:
    assert describe_incomplete(3, counted(3), IDLE, [REPORTED], 9_000) == ""


def test_records_that_never_reached_the_topic_make_it_incomplete() -> None:
    assert (
        describe_incomplete(4, counted(3), IDLE, [REPORTED], 9_000)
        == "only 3 of 4 records are in the topic"
    )


def test_record_without_a_result_makes_it_incomplete() -> None:
    counts = counted(3)
    counts.add_records([(1, 0)])

    assert "1 of 4 records are without a result" in describe_incomplete(
        4, counts, IDLE, [REPORTED], 9_000
    )


def test_scorer_with_a_lag_or_an_unknown_lag_makes_it_incomplete() -> None:
    counts = counted(3)

    assert "a lag of 2 records" in describe_incomplete(
        3, counts, replace(IDLE, lag=2), [REPORTED], 9_000
    )
    assert "does not report its lag" in describe_incomplete(
        3, counts, replace(IDLE, lag=None), [REPORTED], 9_000
    )


def test_without_a_report_it_is_not_complete() -> None:
    failed = WindowStatus(0, 10_000, rows=3, result="report_failed")

    assert describe_incomplete(3, counted(3), IDLE, [], 9_000) == "there is no report yet"
    assert describe_incomplete(3, counted(3), IDLE, [failed], 9_000) == "there is no report yet"


def test_windows_too_small_for_a_report_need_none_when_closed() -> None:
    small = WindowStatus(0, 10_000, rows=2, result="too_small")

    assert describe_incomplete(3, counted(3), IDLE, [small], 9_000) == "there is no report yet"
    assert (
        describe_incomplete(3, counted(3), IDLE, [small, structs.replace(small, rows=1)], 9_000)
        == ""
    )


def test_last_window_must_close_even_if_an_earlier_one_is_reported() -> None:
    assert (
        describe_incomplete(3, counted(3), IDLE, [REPORTED], 10_500)
        == "the last window is not closed"
    )
    last = WindowStatus(10_000, 20_000, rows=1, result="too_small")
    assert describe_incomplete(3, counted(3), IDLE, [last, REPORTED], 10_500) == ""
    whole = structs.replace(REPORTED, rows=3)  # the newest record's event came before its timestamp
    assert describe_incomplete(3, counted(3), IDLE, [whole], 10_000) == ""
