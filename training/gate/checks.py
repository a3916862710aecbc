"""The checks of the gate, one function each. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

from contract.schema.task import Interval
from training.gate.groups import groups
from training.gate.paired_difference import PairedDifference
from training.gate.types import Candidate, Champion, Check, Floats, Thresholds
from training.task import Actual, task_of

CHAMPION_COVERAGE: Final = "champion coverage"
"""Name of the check of the champion's prediction intervals."""


def absolute_checks(candidate: Candidate, thresholds: Thresholds) -> Iterator[Check]:
    """Checks that need no champion: calibration and speed."""
    result = task_of(candidate.schema).miscalibration(_actual(candidate), candidate.outputs)
    max_error = thresholds.max_calibration_error + result.null_error
    yield Check(
        result.name,
        result.error <= max_error,
        result.error,
        max_error,
        f"its {result.message} is {_relation(result.error, max_error)} {max_error:.3f}",
    )
    time, max_time = candidate.row_microseconds, thresholds.max_row_microseconds
    yield Check(
        "speed",
        time <= max_time,
        time,
        max_time,
        f"a row takes {time:.1f} us, {_relation(time, max_time)} {max_time:g} us",
    )


def initial_checks(candidate: Candidate, thresholds: Thresholds) -> Iterator[Check]:
    """Checks without a champion: the candidate must beat the base rate.

    The other figures are reported and reject nothing: without this version nothing is scored.
    """
    yield _base_rate_check(candidate)
    for check in absolute_checks(candidate, thresholds):
        message = f"{check.message}: not required of the initial model"
        yield replace(check, passed=None, message=message)


def _base_rate_check(candidate: Candidate) -> Check:
    task = task_of(candidate.schema)
    saved = task.skill(_actual(candidate), candidate.outputs)
    return Check(
        "base rate",
        saved > 0,
        saved,
        0.0,
        f"it saves {saved:.1%} of {task.base_loss}",
    )


def _actual(candidate: Candidate) -> Actual:
    return task_of(candidate.schema).encode(candidate.held_out[candidate.schema.target.name])


def champion_checks(
    candidate: Candidate, champion: Champion, baseline: Floats, thresholds: Thresholds
) -> Iterator[Check]:
    """Checks of a candidate against the champion.

    Args:
        candidate: with n held-out rows.
        champion: the champion.
        baseline: the champion's outputs of the same rows.
        thresholds: of the gate.
    """
    actual, task = _actual(candidate), task_of(candidate.schema)
    gain = task.losses(actual, baseline) - task.losses(actual, candidate.outputs)
    gain /= task.loss_unit(actual)
    every_row = np.ones(len(gain), dtype=bool)
    yield _improvement_check("held-out", gain, every_row, task.loss, thresholds)
    yield _improvement_check("newest", gain, candidate.newest, task.loss, thresholds)
    for name, mask in groups(candidate.held_out, candidate.reference, candidate.schema):
        yield _group_check(name, gain[mask], task.loss, thresholds)
    if not candidate.costs.equal:
        yield _cost_check(candidate, champion, baseline, thresholds)
    yield _skill_check(candidate, champion.skill, thresholds)
    yield _rank_correlation_check(candidate, baseline, thresholds)
    if champion.rule.interval is not None:
        yield _coverage_check(candidate, champion.rule.interval, baseline, thresholds)


def _improvement_check(
    name: str, gain: Floats, mask: NDArray[np.bool_], loss: str, thresholds: Thresholds
) -> Check:
    selected, margin = gain[mask], thresholds.min_improvement
    if len(selected) < thresholds.min_rows:
        return _unchecked(name, f"there are {len(selected)} {name} rows", margin)
    difference = PairedDifference.of_values(selected)
    low = difference.lower_bound(thresholds.confidence)
    better = low > margin
    return Check(
        name,
        better,
        low,
        margin,
        f"on {difference.rows} {name} rows its {loss} is lower by {difference.mean:.4f}, with "
        f"confidence {thresholds.confidence:g} by at least {low:.4f}, "
        f"{'above' if better else 'not above'} the margin of {margin:g}",
    )


def _group_check(name: str, gain: Floats, loss_name: str, thresholds: Thresholds) -> Check:
    bound = thresholds.max_group_loss
    if len(gain) < thresholds.min_rows:
        return _unchecked(name, f"{name} has {len(gain)} rows", bound)
    difference = PairedDifference.of_values(gain)
    loss = -difference.lower_bound(thresholds.confidence)
    return Check(
        name,
        loss <= bound,
        loss,
        bound,
        f"for {name} ({difference.rows} rows) its {loss_name} is higher by "
        f"{-difference.mean:.4f}, with confidence {thresholds.confidence:g} by at most {loss:.4f}, "
        f"{_relation(loss, bound)} {bound:g}",
    )


def _cost_check(
    candidate: Candidate, champion: Champion, baseline: Floats, thresholds: Thresholds
) -> Check:
    """Each version predicts by its own threshold, as in the scorer."""
    actual, costs = _actual(candidate), candidate.costs
    saved = costs.of_rows(actual, baseline, champion.rule.threshold) - costs.of_rows(
        actual, candidate.outputs, candidate.rule.threshold
    )
    difference = PairedDifference.of_values(saved)
    loss = -difference.upper_bound(thresholds.confidence)
    return Check(
        "cost",
        loss <= 0,
        loss,
        0.0,
        f"its wrong predictions cost {-difference.mean:+.4g} a row compared with the champion's, "
        f"with confidence {thresholds.confidence:g} at least {loss:+.4g}, {_relation(loss, 0.0)} 0",
    )


def _skill_check(
    candidate: Candidate, champion_skill: float | None, thresholds: Thresholds
) -> Check:
    """Label noise teaches a model to be uncertain; it is well calibrated then, without skill."""
    task = task_of(candidate.schema)
    rows = candidate.newest if candidate.newest.sum() >= thresholds.min_rows else slice(None)
    saved = task.skill(_actual(candidate)[rows], candidate.outputs[rows])
    if champion_skill is None:
        return _unchecked("skill", "the champion's skill is unknown", saved)
    bound = thresholds.min_skill_ratio * champion_skill
    return Check(
        "skill",
        saved >= bound,
        saved,
        bound,
        f"it saves {saved:.1%} of {task.base_loss}, the champion when it was trained "
        f"{champion_skill:.1%}: {'enough' if saved >= bound else 'the labels may be noisy'}",
    )


def _rank_correlation_check(
    candidate: Candidate, baseline: Floats, thresholds: Thresholds
) -> Check:
    """Inverted labels teach a model to rank customers in the opposite order."""
    correlation = _rank_correlation(candidate.outputs, baseline)
    bound = thresholds.min_rank_correlation
    return Check(
        "rank correlation",
        correlation >= bound,
        correlation,
        bound,
        f"its outputs have a rank correlation of {correlation:.2f} with the champion's, "
        f"{'not below' if correlation >= bound else 'below'} {bound:g}",
    )


def _coverage_check(
    candidate: Candidate, interval: Interval, baseline: Floats, thresholds: Thresholds
) -> Check:
    """Whether the champion's intervals still cover their level of the newest rows.

    Rejects nothing: it is not about the candidate. The figure is the upper end of the 95 % interval
    of the coverage (Wilson, JASA 22, 1927).
    """
    newest = candidate.newest.sum() >= thresholds.min_rows
    errors = np.abs(baseline - _actual(candidate))
    errors = errors[candidate.newest] if newest else errors
    inside, rows = int((errors <= interval.margin).sum()), len(errors)
    low, high = binomtest(inside, rows).proportion_ci(method="wilson")
    verdict = "too few" if high < interval.level else "as many as they should"
    return Check(
        CHAMPION_COVERAGE,
        None,
        float(high),
        interval.level,
        f"the champion's intervals of level {interval.level:g} cover {inside / rows:.1%} of {rows} "
        f"{'newest' if newest else 'held-out'} rows, {low:.1%} to {high:.1%} with 95 % confidence: "
        f"{verdict}",
    )


def _rank_correlation(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation, the mean over the classes if there are several.

    0 where one side is constant.
    """
    if first.ndim > 1:
        columns = zip(first.T, second.T, strict=True)
        return float(np.mean([_rank_correlation(*pair) for pair in columns]))
    ranks = rankdata(first), rankdata(second)
    if ranks[0].std() == 0 or ranks[1].std() == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def _unchecked(name: str, reason: str, bound: float) -> Check:
    return Check(name, None, float("nan"), bound, f"{reason}: not checked")


def _relation(figure: float, bound: float) -> str:
    return "not above" if figure <= bound else "above"
