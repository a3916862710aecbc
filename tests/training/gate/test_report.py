"""The report has every figure, and takes no words for markup."""

from training.gate.decision import Check, Decision
from training.gate.report import report
from training.recent.span import Span

CHECKS = (
    Check("held-out", True, 0.0123, 0.0, "it is better"),
    Check("Gender Female", False, 0.0789, 0.05, "worse for <women>"),
    Check("newest", None, float("nan"), 0.0, "there are 3 newest rows: not judged"),
)


def test_report_tells_the_decision_every_check_and_what_was_learnt_from() -> None:
    decision = Decision(False, "worse for <women>", "4", True, CHECKS)
    spans = (Span(4_000, 0.25, 0.0), Span(21_000, 0.31, 0.01))
    page = report(decision, spans, 4_000, "the alert <b>")
    assert "Refused" in page
    assert "version 4" in page
    for text in ("0.0123", "0.0789", "failed", "passed", "not judged", "0.2500", "0.3100", "21000"):
        assert text in page
    assert "<women>" not in page
    assert "the alert &lt;b&gt;" in page
