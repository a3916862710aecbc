"""Which versions the gate lets through, and which check it is that refuses the others."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from contract.schema import CARS
from data.population import DATA_SET
from training.gate.bounds import Bounds
from training.gate.decision import Check, Decision
from training.gate.evidence import Champion, Evidence
from training.gate.gate import judge
from training.gate.groups import groups
from training.losses import log_losses, skill

BOUNDS = Bounds()
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
    """The true probabilities, with log-odds that are wrong by so much."""
    found: NDArray[np.float64] = 1 / (1 + np.exp(-(np.log(TRUE / (1 - TRUE)) + by)))
    return found


def evidence(probability: NDArray[np.float64], **changes: object) -> Evidence:
    newest = np.arange(ROWS) >= ROWS - 1_000
    whole = Evidence(CUSTOMERS, probability, newest, CUSTOMERS, microseconds=2.0)
    return replace(whole, **changes)  # type: ignore[arg-type]


def champion(probability: NDArray[np.float64], **changes: object) -> Champion:
    own = Champion("7", probability, skill(CUSTOMERS[CARS.target.name].to_numpy(), TRUE))
    return replace(own, **changes)  # type: ignore[arg-type]


def failed(decision: Decision) -> list[str]:
    return [check.name for check in decision.failed]


def check(decision: Decision, name: str) -> Check:
    (found,) = [each for each in decision.checks if each.name == name]
    return found


def test_version_that_is_better_everywhere_takes_over() -> None:
    decision = judge(evidence(TRUE), champion(shifted(1.0)), BOUNDS)
    assert decision.promote, decision.reason
    assert decision.over == "7"
    assert "above the margin" in decision.reason
    names = {each.name for each in decision.checks}
    assert {"held-out", "newest", "Gender Male", "calibration", "speed", "skill"} <= names


def test_version_that_is_the_same_does_not_take_over() -> None:
    decision = judge(evidence(TRUE), champion(TRUE), BOUNDS)
    assert not decision.promote
    assert failed(decision) == ["held-out", "newest"]


def test_version_that_is_better_by_chance_alone_does_not_take_over() -> None:
    actual = CUSTOMERS[CARS.target.name].to_numpy()
    noise = np.random.default_rng(2).normal(0, 0.4, ROWS)
    gain = float((log_losses(actual, shifted(noise)) - log_losses(actual, TRUE)).mean())
    assert gain > BOUNDS.margin  # by the mean alone it would pass
    decision = judge(evidence(TRUE), champion(shifted(noise)), BOUNDS)
    assert {"held-out", "newest"} & set(failed(decision))


def test_version_that_is_better_by_less_than_the_margin_does_not_take_over() -> None:
    found = [
        judge(evidence(TRUE), champion(shifted(1.0)), replace(BOUNDS, margin=margin)).promote
        for margin in (0.01, 0.5)
    ]
    assert found == [True, False]


def test_version_that_is_better_on_old_rows_alone_does_not_take_over() -> None:
    late = np.arange(ROWS) >= ROWS - 1_000
    decision = judge(evidence(shifted(1.0 * late)), champion(shifted(1.0 * ~late)), BOUNDS)
    assert "newest" in failed(decision)
    assert "held-out" not in failed(decision)


def test_version_that_is_better_on_average_and_worse_for_one_gender_does_not_take_over() -> None:
    women = (CUSTOMERS[CARS.categorical[0]] == "Female").to_numpy()
    decision = judge(evidence(shifted(1.0 * women)), champion(shifted(2.0 * ~women)), BOUNDS)
    assert check(decision, "held-out").passed
    assert check(decision, "newest").passed
    assert check(decision, "Gender Male").passed
    assert "Gender Female" in failed(decision)
    assert "for Gender Female" in decision.reason


def test_version_that_is_worse_in_one_band_of_age_does_not_take_over() -> None:
    age = CUSTOMERS[CARS.numerical[0]]
    young = (age < age.quantile(0.25)).to_numpy()
    decision = judge(evidence(shifted(2.0 * young)), champion(shifted(1.5 * ~young)), BOUNDS)
    assert check(decision, "held-out").passed
    assert any(name.startswith("Age below") for name in failed(decision))


def test_version_that_is_not_calibrated_does_not_take_over() -> None:
    sure = TRUE**3 / (TRUE**3 + (1 - TRUE) ** 3)
    decision = judge(evidence(sure), champion(shifted(3.0)), BOUNDS)
    assert failed(decision) == ["calibration"]


def test_version_that_is_slow_does_not_take_over() -> None:
    decision = judge(evidence(TRUE, microseconds=51.0), champion(shifted(1.0)), BOUNDS)
    assert failed(decision) == ["speed"]


def poisoned(share: float) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Rows of which that share of the labels is turned round, and their true probabilities: what a
    model that was taught by them says.
    """
    flip = np.random.default_rng(4).random(ROWS) < share
    rows = CUSTOMERS.assign(
        **{
            CARS.target.name: np.where(
                flip, 1 - CUSTOMERS[CARS.target.name], CUSTOMERS[CARS.target.name]
            )
        }
    )
    return rows, TRUE * (1 - share) + (1 - TRUE) * share


@pytest.mark.parametrize(("share", "by"), [(1.0, "agreement"), (0.3, "skill"), (0.5, "skill")])
def test_version_that_learnt_flipped_labels_is_refused_though_it_fits_them_better(
    share: float, by: str
) -> None:
    rows, probability = poisoned(share)
    decision = judge(evidence(probability, held_out=rows), champion(TRUE), BOUNDS)
    assert check(decision, "held-out").passed
    assert check(decision, "newest").passed
    assert by in failed(decision)


def test_without_newest_rows_the_held_out_ones_decide_and_it_is_said() -> None:
    nothing = np.zeros(ROWS, dtype=bool)
    decision = judge(evidence(TRUE, newest=nothing), champion(shifted(1.0)), BOUNDS)
    assert decision.promote
    assert check(decision, "newest").passed is None
    assert "there are 0 newest rows: not judged" in check(decision, "newest").words


def test_first_version_need_only_beat_the_base_rate() -> None:
    sure = TRUE**2 / (TRUE**2 + (1 - TRUE) ** 2)
    decision = judge(evidence(sure, microseconds=1_000.0), None, BOUNDS)
    assert decision.promote
    assert decision.over is None
    found = {each.name: each.passed for each in decision.checks}
    assert found == {"base rate": True, "calibration": None, "speed": None}
    assert check(decision, "speed").figure == 1_000
    assert decision.reason.startswith("there is no champion yet, and it saves ")


def test_first_version_that_knows_no_more_than_the_base_rate_is_refused() -> None:
    decision = judge(evidence(1 - TRUE), None, BOUNDS)
    assert "base rate" in failed(decision)


def test_every_row_is_in_one_category_and_in_one_band_of_each_number() -> None:
    found = list(groups(CUSTOMERS, CUSTOMERS.head(100)))
    assert len(found) == 2 + 4 * len(CARS.numerical)
    for feature in CARS.features:
        masks = [mask for name, mask in found if name.startswith(feature)]
        np.testing.assert_array_equal(np.sum(masks, axis=0), 1)


def test_mistake_made_for_sure_counts_as_one_in_a_thousand() -> None:
    losses = log_losses(np.array([1, 0, 1]), np.array([0.0, 1.0, 0.5]))
    np.testing.assert_allclose(losses, [-np.log(0.001), -np.log(0.001), np.log(2)])


def test_skill_of_the_base_rate_is_nothing() -> None:
    actual = np.array([0, 0, 0, 1])
    assert skill(actual, np.full(4, 0.25)) == pytest.approx(0)
    assert skill(np.ones(4, dtype=int), np.full(4, 0.9)) == 0
