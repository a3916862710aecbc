"""The report has every figure, and escapes texts."""

from training.gate.report import render_report
from training.gate.types import Check, GateDecision
from training.lookback.selection import LookbackCandidate

CHECKS = (
    Check("held-out", True, 0.0123, 0.0, "it is better"),
    Check("Gender Female", False, 0.0789, 0.05, "worse for <women>"),
    Check("newest", None, float("nan"), 0.0, "there are 3 newest rows: not checked"),
)


def test_report_has_the_decision_every_check_and_the_lookbacks() -> None:
    decision = GateDecision(False, "worse for <women>", "4", True, CHECKS)
    lookbacks = (LookbackCandidate(4_000, 0.25, 0.0), LookbackCandidate(21_000, 0.31, 0.01))
    page = render_report(decision, lookbacks, 4_000, "the alert <b>")
    assert "Rejected" in page
    assert "version 4" in page
    for text in (
        "0.0123",
        "0.0789",
        "failed",
        "passed",
        "not checked",
        "0.2500",
        "0.3100",
        "21000",
    ):
        assert text in page
    assert "<women>" not in page
    assert "the alert &lt;b&gt;" in page
