"""What the gate asks of a version, each thing by itself. Pure."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from training.evaluate import calibration, calibration_error, claims
from training.gate.bounds import Bounds
from training.gate.chance import calibration_by_chance
from training.gate.decision import Check
from training.gate.difference import Difference
from training.gate.evidence import Evidence, Floats
from training.gate.groups import groups
from training.losses import log_losses, skill


def of_itself(evidence: Evidence, bounds: Bounds) -> Iterator[Check]:
    """What a version must be by itself."""
    claim, happened = claims(evidence.actual, evidence.probability)
    error = calibration_error(calibration(happened, claim))
    most = bounds.calibration + calibration_by_chance(claim, 0.99)
    yield Check(
        "calibration",
        error <= most,
        error,
        most,
        f"its calibration error of {error:.3f} is {_place(error, most)} {most:.3f}",
    )
    speed = evidence.microseconds
    yield Check(
        "speed",
        speed <= bounds.microseconds,
        speed,
        bounds.microseconds,
        f"a row takes {speed:.1f} us, {_place(speed, bounds.microseconds)} "
        f"{bounds.microseconds:g} us",
    )


def of_the_first(evidence: Evidence, bounds: Bounds) -> Iterator[Check]:
    """What is asked of a version without a champion: to know more than the base rate.

    The rest is told, and no more: without this version nothing is scored at all.
    """
    yield _over_base_rate(evidence)
    for check in of_itself(evidence, bounds):
        words = f"{check.words}: not asked of the first version"
        yield replace(check, passed=None, words=words)


def _over_base_rate(evidence: Evidence) -> Check:
    found = skill(evidence.actual, evidence.probability)
    return Check(
        "base rate",
        found > 0,
        found,
        0.0,
        f"it saves {found:.1%} of the log loss of giving everybody the same probability",
    )


def against(
    evidence: Evidence, theirs: Floats, known_skill: float | None, bounds: Bounds
) -> Iterator[Check]:
    """What a challenger must be beside the champion's probabilities, `theirs`, and its skill."""
    actual = evidence.actual
    gain = log_losses(actual, theirs) - log_losses(actual, evidence.probability)
    everything = np.ones(len(gain), dtype=bool)
    yield _margin("held-out", gain, everything, bounds)
    yield _margin("newest", gain, evidence.newest, bounds)
    for name, mask in groups(evidence.held_out, evidence.reference):
        yield _no_worse(name, gain[mask], bounds)
    yield _skill(evidence, known_skill, bounds)
    yield _agreement(evidence, theirs, bounds)


def _margin(name: str, gain: Floats, mask: NDArray[np.bool_], bounds: Bounds) -> Check:
    found = gain[mask]
    if len(found) < bounds.least:
        return _unjudged(name, f"there are {len(found)} {name} rows", bounds.margin)
    difference = Difference.of(found)
    low = difference.low(bounds.confidence)
    better = low > bounds.margin
    return Check(
        name,
        better,
        low,
        bounds.margin,
        f"on {difference.rows} {name} rows its log loss is lower by {difference.mean:.4f}, with "
        f"confidence {bounds.confidence:g} by {low:.4f} at least, "
        f"{'above' if better else 'not above'} the margin of {bounds.margin:g}",
    )


def _no_worse(name: str, gain: Floats, bounds: Bounds) -> Check:
    if len(gain) < bounds.least:
        return _unjudged(name, f"{name} has {len(gain)} rows", bounds.group)
    difference = Difference.of(gain)
    most = -difference.low(bounds.confidence)
    return Check(
        name,
        most <= bounds.group,
        most,
        bounds.group,
        f"for {name} ({difference.rows} rows) its log loss is higher by "
        f"{-difference.mean:.4f}, with confidence {bounds.confidence:g} by {most:.4f} at most, "
        f"{_place(most, bounds.group)} {bounds.group:g}",
    )


def _skill(evidence: Evidence, known: float | None, bounds: Bounds) -> Check:
    """Labels that are partly wrong teach a model to be unsure, which then is well calibrated."""
    judged = evidence.newest if evidence.newest.sum() >= bounds.least else slice(None)
    found = skill(evidence.actual[judged], evidence.probability[judged])
    if known is None:
        return _unjudged("skill", "the champion's skill is not known", found)
    least = bounds.skill * known
    return Check(
        "skill",
        found >= least,
        found,
        least,
        f"it saves {found:.1%} of the base rate's log loss, the champion when it was trained "
        f"{known:.1%}: {'enough' if found >= least else 'the labels tell too little'}",
    )


def _agreement(evidence: Evidence, theirs: Floats, bounds: Bounds) -> Check:
    """Labels that are turned round teach a model to rank customers the other way round."""
    found = _rank_correlation(evidence.probability, theirs)
    return Check(
        "agreement",
        found >= bounds.agreement,
        found,
        bounds.agreement,
        f"its probabilities have a rank correlation of {found:.2f} with the champion's, "
        f"{'not below' if found >= bounds.agreement else 'below'} {bounds.agreement:g}",
    )


def _rank_correlation(ours: Floats, theirs: Floats) -> float:
    """Spearman's, of several classes the mean of theirs; 0 where one of them gives everybody the
    same probability.
    """
    if ours.ndim > 1:
        return float(
            np.mean([_rank_correlation(*pair) for pair in zip(ours.T, theirs.T, strict=True)])
        )
    first, second = rankdata(ours), rankdata(theirs)
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _unjudged(name: str, why: str, bound: float) -> Check:
    return Check(name, None, float("nan"), bound, f"{why}: not judged")


def _place(figure: float, bound: float) -> str:
    return "not above" if figure <= bound else "above"
