"""The gate: a trained version's figures -> whether it may take over from the champion. Pure.

Every check must pass. Several that must all pass need no correction for their number: each alone
keeps a bad version out with its own confidence (intersection-union test; Berger, Technometrics 24,
1982).
"""

from training.gate import checks
from training.gate.bounds import Bounds
from training.gate.decision import Decision
from training.gate.evidence import Champion, Evidence


def judge(evidence: Evidence, champion: Champion | None, bounds: Bounds) -> Decision:
    """Whether the version may take over, or be the first where there is no champion."""
    theirs = None if champion is None else champion.probability
    if champion is None or theirs is None:
        asked = tuple(checks.of_the_first(evidence, bounds))
    else:
        against = checks.against(evidence, theirs, champion.skill, bounds)
        asked = (*against, *checks.of_itself(evidence, bounds))
    failed = [check for check in asked if check.passed is False]
    if failed:
        reason = "; ".join(check.words for check in failed)
    elif champion is None:
        reason = f"there is no champion yet, and {asked[0].words}"
    elif theirs is None:
        reason = f"the champion, version {champion.version}, does not load, and {asked[0].words}"
    else:
        reason = asked[0].words
    over = champion.version if champion else None
    return Decision(not failed, reason, over, theirs is not None, asked)
