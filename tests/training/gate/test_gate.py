"""Which candidates the gate passes, and which check rejects the others."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from contract.schema import CARS
from data.population import DATA_SET
from training.evaluation import log_losses, skill
from training.gate.gate import decide
from training.gate.groups import groups
from training.gate.types import Candidate, Champion, Check, GateDecision, Thresholds

THRESHOLDS = Thresholds()
ROWS = 4_000


def customers(seed: int = 1) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Rows, and the true probability of each."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "Gender": random.choice(["Female", "Male"], ROWS).astype(object),
            "Age": random.normal(43, 10, ROWS),
            "AnnualSalary": random.normal(75_000, 25_000, ROWS),
        }
    )
    true = DATA_SET.purchase_probability(rows["Age"].to_numpy(), rows["AnnualSalary"].to_numpy())
    bought = (random.random(ROWS) < true).astype(np.int64)
    return rows.assign(**{CARS.target.name: bought})[[*CARS.features, CARS.target.name]], true


CUSTOMERS, TRUE = customers()


def shifted(by: float | NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The true probabilities with their log-odds shifted."""
    probability: NDArray[np.float64] = 1 / (1 + np.exp(-(np.log(TRUE / (1 - TRUE)) + by)))
    return probability


def candidate(probability: NDArray[np.float64], **changes: object) -> Candidate:
    newest = np.arange(ROWS) >= ROWS - 1_000
    whole = Candidate(CARS, CUSTOMERS, probability, newest, CUSTOMERS, row_microseconds=2.0)
    return replace(whole, **changes)  # type: ignore[arg-type]


def champion(probability: NDArray[np.float64], **changes: object) -> Champion:
    default = Champion("7", probability, skill(CUSTOMERS[CARS.target.name].to_numpy(), TRUE))
    return replace(default, **changes)  # type: ignore[arg-type]


def failed(decision: GateDecision) -> list[str]:
    return [check.name for check in decision.failed]


def check(decision: GateDecision, name: str) -> Check:
    (check,) = [check for check in decision.checks if check.name == name]
    return check


def test_version_that_is_better_everywhere_is_promoted() -> None:
    decision = decide(candidate(TRUE), champion(shifted(1.0)), THRESHOLDS)
    assert decision.promote, decision.reason
    assert decision.champion == "7"
    assert "above the margin" in decision.reason
    names = {check.name for check in decision.checks}
    assert {"held-out", "newest", "Gender Male", "calibration", "speed", "skill"} <= names


def test_version_that_is_the_same_is_rejected() -> None:
    decision = decide(candidate(TRUE), champion(TRUE), THRESHOLDS)
    assert not decision.promote
    assert failed(decision) == ["held-out", "newest"]


def test_version_that_is_better_by_chance_alone_is_rejected() -> None:
    actual = CUSTOMERS[CARS.target.name].to_numpy()
    noise = np.random.default_rng(2).normal(0, 0.4, ROWS)
    gain = float((log_losses(actual, shifted(noise)) - log_losses(actual, TRUE)).mean())
    assert gain > THRESHOLDS.min_improvement  # by the mean alone it would pass
    decision = decide(candidate(TRUE), champion(shifted(noise)), THRESHOLDS)
    assert {"held-out", "newest"} & set(failed(decision))


def test_version_that_is_better_by_less_than_the_margin_is_rejected() -> None:
    promoted = [
        decide(
            candidate(TRUE), champion(shifted(1.0)), replace(THRESHOLDS, min_improvement=margin)
        ).promote
        for margin in (0.01, 0.5)
    ]
    assert promoted == [True, False]


def test_version_that_is_better_on_old_rows_alone_is_rejected() -> None:
    late = np.arange(ROWS) >= ROWS - 1_000
    decision = decide(candidate(shifted(1.0 * late)), champion(shifted(1.0 * ~late)), THRESHOLDS)
    assert "newest" in failed(decision)
    assert "held-out" not in failed(decision)


def test_version_that_is_better_on_average_and_worse_for_one_gender_is_rejected() -> None:
    women = (CUSTOMERS[CARS.categorical[0]] == "Female").to_numpy()
    decision = decide(candidate(shifted(1.0 * women)), champion(shifted(2.0 * ~women)), THRESHOLDS)
    assert check(decision, "held-out").passed
    assert check(decision, "newest").passed
    assert check(decision, "Gender Male").passed
    assert "Gender Female" in failed(decision)
    assert "for Gender Female" in decision.reason


def test_version_that_is_worse_in_one_band_of_age_is_rejected() -> None:
    age = CUSTOMERS[CARS.numerical[0]]
    young = (age < age.quantile(0.25)).to_numpy()
    decision = decide(candidate(shifted(2.0 * young)), champion(shifted(1.5 * ~young)), THRESHOLDS)
    assert check(decision, "held-out").passed
    assert any(name.startswith("Age below") for name in failed(decision))


def test_version_that_is_not_calibrated_is_rejected() -> None:
    sure = TRUE**3 / (TRUE**3 + (1 - TRUE) ** 3)
    decision = decide(candidate(sure), champion(shifted(3.0)), THRESHOLDS)
    assert failed(decision) == ["calibration"]


def test_version_that_is_slow_is_rejected() -> None:
    decision = decide(candidate(TRUE, row_microseconds=51.0), champion(shifted(1.0)), THRESHOLDS)
    assert failed(decision) == ["speed"]


def with_flipped_labels(share: float) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Rows with that share of flipped labels, and the probabilities of a model trained on them."""
    flip = np.random.default_rng(4).random(ROWS) < share
    rows = CUSTOMERS.assign(
        **{
            CARS.target.name: np.where(
                flip, 1 - CUSTOMERS[CARS.target.name], CUSTOMERS[CARS.target.name]
            )
        }
    )
    return rows, TRUE * (1 - share) + (1 - TRUE) * share


@pytest.mark.parametrize(
    ("share", "by"), [(1.0, "rank correlation"), (0.3, "skill"), (0.5, "skill")]
)
def test_version_trained_on_flipped_labels_is_rejected_although_it_fits_them_better(
    share: float, by: str
) -> None:
    rows, probability = with_flipped_labels(share)
    decision = decide(candidate(probability, held_out=rows), champion(TRUE), THRESHOLDS)
    assert check(decision, "held-out").passed
    assert check(decision, "newest").passed
    assert by in failed(decision)


def test_without_newest_rows_the_held_out_ones_decide() -> None:
    nothing = np.zeros(ROWS, dtype=bool)
    decision = decide(candidate(TRUE, newest=nothing), champion(shifted(1.0)), THRESHOLDS)
    assert decision.promote
    assert check(decision, "newest").passed is None
    assert "there are 0 newest rows: not checked" in check(decision, "newest").message


def test_initial_version_only_needs_to_beat_the_base_rate() -> None:
    sure = TRUE**2 / (TRUE**2 + (1 - TRUE) ** 2)
    decision = decide(candidate(sure, row_microseconds=1_000.0), None, THRESHOLDS)
    assert decision.promote
    assert decision.champion is None
    results = {check.name: check.passed for check in decision.checks}
    assert results == {"base rate": True, "calibration": None, "speed": None}
    assert check(decision, "speed").figure == 1_000
    assert decision.reason.startswith("there is no champion yet, and it saves ")


def test_initial_version_that_does_not_beat_the_base_rate_is_rejected() -> None:
    decision = decide(candidate(1 - TRUE), None, THRESHOLDS)
    assert "base rate" in failed(decision)


def test_every_row_is_in_one_category_and_in_one_band_of_each_number() -> None:
    masks_by_name = list(groups(CUSTOMERS, CUSTOMERS.head(100), CARS))
    assert len(masks_by_name) == 2 + 4 * len(CARS.numerical)
    for feature in CARS.features:
        masks = [mask for name, mask in masks_by_name if name.startswith(feature)]
        np.testing.assert_array_equal(np.sum(masks, axis=0), 1)


def test_certain_mistake_counts_as_one_in_a_thousand() -> None:
    losses = log_losses(np.array([1, 0, 1]), np.array([0.0, 1.0, 0.5]))
    np.testing.assert_allclose(losses, [-np.log(0.001), -np.log(0.001), np.log(2)])


def test_skill_of_the_base_rate_is_0() -> None:
    actual = np.array([0, 0, 0, 1])
    assert skill(actual, np.full(4, 0.25)) == pytest.approx(0)
    assert skill(np.ones(4, dtype=int), np.full(4, 0.9)) == 0
