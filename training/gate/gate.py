"""The gate: a candidate's figures -> whether it may replace the champion. Pure.

Every check must pass. No correction for multiple tests is needed: each check alone rejects a bad
version with its own confidence (intersection-union test; Berger, Technometrics 24, 1982).
"""

from training.gate import checks
from training.gate.types import Candidate, Champion, GateDecision, Thresholds


def decide(candidate: Candidate, champion: Champion | None, thresholds: Thresholds) -> GateDecision:
    """Whether the candidate may replace the champion, or be the initial champion."""
    baseline = None if champion is None else champion.outputs
    if champion is None or baseline is None:
        done = tuple(checks.initial_checks(candidate, thresholds))
    else:
        comparisons = checks.champion_checks(candidate, champion, baseline, thresholds)
        done = (*comparisons, *checks.absolute_checks(candidate, thresholds))
    failed = [check for check in done if check.passed is False]
    if failed:
        reason = "; ".join(check.message for check in failed)
    elif champion is None:
        reason = f"there is no champion yet, and {done[0].message}"
    elif baseline is None:
        reason = f"the champion, version {champion.version}, does not load, and {done[0].message}"
    else:
        reason = done[0].message
    replaced = champion.version if champion else None
    return GateDecision(not failed, reason, replaced, baseline is not None, done)
