import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from monitoring.performance_estimation.calibration import Calibration, calibrate
from monitoring.performance_estimation.estimator import Reason, expected

SURE = Calibration(covariance=(0.0, 0.0, 0.0, 0.0))


def outcomes(probability: np.ndarray, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(probability)) < probability).astype(int)


def test_expected_accuracy_is_the_mean_confidence_of_calibrated_probabilities() -> None:
    found = expected([0.9, 0.2, 0.6], [1, 0, 1], SURE)
    assert found.accuracy is not None
    assert found.accuracy.value == pytest.approx((0.9 + 0.8 + 0.6) / 3)
    assert found.precision == pytest.approx((0.9 + 0.6) / 2)
    assert found.recall == pytest.approx((0.9 + 0.6) / (0.9 + 0.2 + 0.6))
    assert found.f1 == pytest.approx(2 * 1.5 / (2 + 1.7))


def test_overconfident_probabilities_are_corrected_by_the_reference() -> None:
    random = np.random.default_rng(3)
    odds = random.normal(0, 1.5, 20_000)
    truth, told = 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(-2.5 * odds - 0.5))
    found = expected(told, told > 0.5, calibrate(told, outcomes(truth)))
    naive = np.maximum(told, 1 - told).mean()
    right = np.where(told > 0.5, truth, 1 - truth).mean()
    assert found.accuracy is not None
    assert found.accuracy.value == pytest.approx(right, abs=0.01)
    assert naive > right + 0.05


def test_a_smaller_reference_and_a_smaller_sample_widen_the_interval() -> None:
    told = np.random.default_rng(4).random(1_000)
    many, few = (calibrate(told[:rows], outcomes(told)[:rows]) for rows in (1_000, 100))

    def width(calibration: Calibration, rows: int, population: int | None = None) -> float:
        found = expected(told[:rows], told[:rows] > 0.5, calibration, population).accuracy
        assert found is not None
        return found.high - found.low

    assert width(many, 1_000) < width(few, 1_000)
    assert width(SURE, 1_000) < width(SURE, 200)
    assert width(SURE, 200, population=200) > width(SURE, 200, population=100_000)
    assert width(SURE, 1_000, population=100_000) < width(SURE, 200, population=100_000)


def test_the_interval_from_a_sample_holds_the_accuracy_of_the_whole_window() -> None:
    random, held, runs = np.random.default_rng(6), 0, 400
    for _ in range(runs):
        told = random.beta(0.7, 0.7, 5_000)
        bought = random.random(5_000) < told
        sample = told[:200]
        found = expected(sample, sample > 0.5, SURE, population=5_000).accuracy
        held += found is not None and found.holds(float(((told > 0.5) == bought).mean()))
    assert held / runs == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(
    ("probability", "reason"), [([], Reason.EMPTY), ([np.nan, None], Reason.ALL_MISSING)]
)
def test_nothing_to_expect_from_is_a_named_reason(probability: list[float], reason: Reason) -> None:
    found = expected(probability, [1.0] * len(probability), SURE)
    assert (found.reason, found.accuracy) == (reason, None)


def test_a_reference_without_labels_leaves_a_wide_interval() -> None:
    labelled = calibrate([0.3, 0.7] * 500, [0, 1] * 500)
    without = calibrate([0.3, 0.7] * 500, [np.nan] * 1_000)
    assert without == Calibration()
    wide, narrow = (expected([0.3, 0.7], [0, 1], each).accuracy for each in (without, labelled))
    assert wide is not None
    assert narrow is not None
    assert wide.high - wide.low > narrow.high - narrow.low


def test_no_claims_leave_precision_undefined() -> None:
    found = expected([0.1, 0.2], [0, 0], SURE)
    assert (found.precision, found.recall) == (None, 0)


shares = some.none() | some.floats() | some.sampled_from([0.0, 1.0, 0.5])


@settings(max_examples=300, deadline=None)
@given(rows=some.lists(some.tuples(shares, some.sampled_from([None, 0, 1])), max_size=40))
def test_no_probabilities_make_it_raise(
    rows: list[tuple[float | None, int | None]],
) -> None:
    probability, label = [row[0] for row in rows], [row[1] for row in rows]
    calibration = calibrate(np.array(probability, object), np.array(label, object))
    found = expected(np.array(probability, object), np.array(label, object), calibration)
    assert found.reason in Reason
    if found.accuracy is not None:
        assert 0 <= found.accuracy.low <= found.accuracy.value <= found.accuracy.high <= 1
