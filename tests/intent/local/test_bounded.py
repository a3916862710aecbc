"""When a bounded run is complete, and what it lacks until then."""

from dataclasses import replace

from msgspec import structs

from intent.local.bounded import lacking
from intent.local.figures import Figures, Meter
from intent.local.ledger import Ledger
from intent.local.scrape import Samples
from intent.local.windows import Window

IDLE: Figures = replace(Meter().figures(Samples(), Samples(), 0), lag=0)
REPORTED = Window(0, 10_000, rows=2, result="reported", report="a.html")


def answered(count: int) -> Ledger:
    ledger = Ledger({})
    places = [(0, offset) for offset in range(count)]
    ledger.expect(places)
    ledger.predicted(places)
    return ledger


def test_it_is_complete_with_all_records_answered_no_lag_and_a_report() -> None:
    assert lacking(3, answered(3), IDLE, [REPORTED], 9_000) == ""


def test_records_that_never_reached_the_topic_are_lacking() -> None:
    assert (
        lacking(4, answered(3), IDLE, [REPORTED], 9_000) == "only 3 of 4 records are in the topic"
    )


def test_an_unanswered_record_is_lacking() -> None:
    ledger = answered(3)
    ledger.expect([(1, 0)])

    assert "1 of 4 records are without an answer" in lacking(4, ledger, IDLE, [REPORTED], 9_000)


def test_a_scorer_that_lags_or_does_not_tell_is_not_done() -> None:
    ledger = answered(3)

    assert "lags behind by 2" in lacking(3, ledger, replace(IDLE, lag=2), [REPORTED], 9_000)
    assert "does not tell" in lacking(3, ledger, replace(IDLE, lag=None), [REPORTED], 9_000)


def test_without_a_report_it_is_not_complete() -> None:
    failed = Window(0, 10_000, rows=3, result="report_failed")

    assert lacking(3, answered(3), IDLE, [], 9_000) == "no report is out"
    assert lacking(3, answered(3), IDLE, [failed], 9_000) == "no report is out"


def test_records_too_few_for_a_report_need_none_once_their_windows_are_closed() -> None:
    small = Window(0, 10_000, rows=2, result="too_small")

    assert lacking(3, answered(3), IDLE, [small], 9_000) == "no report is out"
    assert lacking(3, answered(3), IDLE, [small, structs.replace(small, rows=1)], 9_000) == ""


def test_the_last_window_is_waited_for_though_an_earlier_one_is_reported() -> None:
    assert lacking(3, answered(3), IDLE, [REPORTED], 10_500) == "the last window is not closed"
    last = Window(10_000, 20_000, rows=1, result="too_small")
    assert lacking(3, answered(3), IDLE, [last, REPORTED], 10_500) == ""
    whole = structs.replace(REPORTED, rows=3)  # the newest record's event came before its timestamp
    assert lacking(3, answered(3), IDLE, [whole], 10_000) == ""
