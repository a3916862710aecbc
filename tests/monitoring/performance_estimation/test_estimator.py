import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from monitoring.performance_estimation.calibration import Calibration, fit_calibration
from monitoring.performance_estimation.estimator import EstimateStatus, estimate_performance

EXACT = Calibration(covariance=(0.0, 0.0, 0.0, 0.0))


def outcomes(probability: np.ndarray, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(probability)) < probability).astype(int)


def test_estimated_accuracy_is_the_mean_confidence_of_calibrated_probabilities() -> None:
    estimate = estimate_performance([0.9, 0.2, 0.6], [1, 0, 1], EXACT)
    assert estimate.accuracy is not None
    assert estimate.accuracy.value == pytest.approx((0.9 + 0.8 + 0.6) / 3)
    assert estimate.precision == pytest.approx((0.9 + 0.6) / 2)
    assert estimate.recall == pytest.approx((0.9 + 0.6) / (0.9 + 0.2 + 0.6))
    assert estimate.f1 == pytest.approx(2 * 1.5 / (2 + 1.7))


def test_overconfident_probabilities_are_corrected_by_the_reference() -> None:
    random = np.random.default_rng(3)
    odds = random.normal(0, 1.5, 20_000)
    truth, given = 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(-2.5 * odds - 0.5))
    estimate = estimate_performance(given, given > 0.5, fit_calibration(given, outcomes(truth)))
    naive = np.maximum(given, 1 - given).mean()
    right = np.where(given > 0.5, truth, 1 - truth).mean()
    assert estimate.accuracy is not None
    assert estimate.accuracy.value == pytest.approx(right, abs=0.01)
    assert naive > right + 0.05


def test_a_smaller_reference_and_a_smaller_sample_widen_the_interval() -> None:
    given = np.random.default_rng(4).random(1_000)
    many, few = (fit_calibration(given[:rows], outcomes(given)[:rows]) for rows in (1_000, 100))

    def width(calibration: Calibration, rows: int, population: int | None = None) -> float:
        estimate = estimate_performance(
            given[:rows], given[:rows] > 0.5, calibration, population
        ).accuracy
        assert estimate is not None
        return estimate.high - estimate.low

    assert width(many, 1_000) < width(few, 1_000)
    assert width(EXACT, 1_000) < width(EXACT, 200)
    assert width(EXACT, 200, population=200) > width(EXACT, 200, population=100_000)
    assert width(EXACT, 1_000, population=100_000) < width(EXACT, 200, population=100_000)


def test_the_interval_from_a_sample_contains_the_accuracy_of_the_whole_window() -> None:
    random, covered, runs = np.random.default_rng(6), 0, 400
    for _ in range(runs):
        given = random.beta(0.7, 0.7, 5_000)
        bought = random.random(5_000) < given
        sample = given[:200]
        estimate = estimate_performance(sample, sample > 0.5, EXACT, population=5_000).accuracy
        covered += estimate is not None and estimate.contains(
            float(((given > 0.5) == bought).mean())
        )
    assert covered / runs == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(
    ("probability", "status"),
    [([], EstimateStatus.EMPTY), ([np.nan, None], EstimateStatus.ALL_MISSING)],
)
def test_window_without_probabilities_has_a_named_status(
    probability: list[float], status: EstimateStatus
) -> None:
    estimate = estimate_performance(probability, [1.0] * len(probability), EXACT)
    assert (estimate.status, estimate.accuracy) == (status, None)


def test_a_reference_without_labels_leaves_a_wide_interval() -> None:
    labelled = fit_calibration([0.3, 0.7] * 500, [0, 1] * 500)
    without = fit_calibration([0.3, 0.7] * 500, [np.nan] * 1_000)
    assert without == Calibration()
    wide, narrow = (
        estimate_performance([0.3, 0.7], [0, 1], each).accuracy for each in (without, labelled)
    )
    assert wide is not None
    assert narrow is not None
    assert wide.high - wide.low > narrow.high - narrow.low


def test_no_predicted_positives_leave_precision_undefined() -> None:
    estimate = estimate_performance([0.1, 0.2], [0, 0], EXACT)
    assert (estimate.precision, estimate.recall) == (None, 0)


shares = some.none() | some.floats() | some.sampled_from([0.0, 1.0, 0.5])


@settings(max_examples=300, deadline=None)
@given(rows=some.lists(some.tuples(shares, some.sampled_from([None, 0, 1])), max_size=40))
def test_no_values_make_it_raise(
    rows: list[tuple[float | None, int | None]],
) -> None:
    probability, label = [row[0] for row in rows], [row[1] for row in rows]
    calibration = fit_calibration(np.array(probability, object), np.array(label, object))
    estimate = estimate_performance(
        np.array(probability, object), np.array(label, object), calibration
    )
    assert estimate.status in EstimateStatus
    if estimate.accuracy is not None:
        assert 0 <= estimate.accuracy.low <= estimate.accuracy.value <= estimate.accuracy.high <= 1
