"""Champion and shadow predictions of the same records, joined on the id and with outcomes."""

import numpy as np
import pytest

from contract.events import ShadowComparison
from contract.schema import CARS
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.paired_predictions import VersionCodes
from monitoring.windows.shadow_windows import ShadowWindows
from monitoring.windows.tumbling import TumblingWindows
from monitoring.windows.window import WindowLimits
from tests.monitoring.builders import a_prediction, outcomes, predictions

MAX_VERSIONS = VersionCodes(CARS.classes).max_versions
LIMITS = WindowLimits(sample_rows=10, open_ids=10_000, closed_ids=10_000)
NAMES = [f"r{number}" for number in range(8)]


def closed(windows: TumblingWindows) -> LabelledWindow:
    (window,) = windows.close_until(10)
    return window.labels


def scored() -> TumblingWindows:
    """Eight records that version 1 predicts to buy, the last two of them by version 2."""
    windows = TumblingWindows(10, LIMITS, CARS.classes)
    windows.add_predictions(predictions(NAMES[:6], [5] * 6))
    windows.add_predictions(predictions(NAMES[6:], [5] * 2, first=6, model_version="2"))
    return windows


def comparisons(labels: LabelledWindow) -> dict[tuple[str, str], ShadowComparison]:
    shadows = ShadowWindows("m", max_windows=5)
    shadows.add_window(labels)
    return {
        (each.champion_version, each.shadow_version): each
        for each in shadows.pop_updated_comparisons()
    }


def cells(comparison: ShadowComparison) -> tuple[int, int, int, int]:
    return (
        comparison.both_correct, comparison.champion_only_correct,
        comparison.shadow_only_correct, comparison.neither_correct,
    )  # fmt: skip


def test_records_are_counted_by_which_version_was_correct() -> None:
    windows = scored()
    shadow = predictions(NAMES[:4], [5] * 4, model_version="2", prediction=0)
    windows.add_shadow_predictions(shadow)
    windows.add_shadow_predictions(predictions(NAMES[4:6], [5] * 2, first=4, model_version="2"))
    labels = closed(windows)
    labels.add_outcomes(outcomes(["r0", "r1", "r2", "r4", "r5"], [1, 0, 0, 1, 0]))
    (comparison,) = comparisons(labels).values()
    assert (comparison.champion_version, comparison.shadow_version) == ("1", "2")
    assert (comparison.rows, comparison.disagreements, comparison.labelled_rows) == (6, 4, 5)
    assert cells(comparison) == (1, 1, 2, 1)
    assert comparison.champion_only_correct_positive == 1  # r0
    assert comparison.shadow_only_correct_positive == 0  # r1 and r2 did not buy


def test_versions_that_swap_roles_within_a_window_are_two_pairs() -> None:
    windows = scored()
    windows.add_shadow_predictions(predictions(NAMES[:6], [5] * 6, model_version="2"))
    windows.add_shadow_predictions(predictions(NAMES[6:], [5] * 2, first=6, model_version="1"))
    rows = {pair: each.rows for pair, each in comparisons(closed(windows)).items()}
    assert rows == {("1", "2"): 6, ("2", "1"): 2}


def test_shadow_predictions_without_a_champion_prediction_are_not_counted() -> None:
    windows = scored()
    windows.add_shadow_predictions(predictions(["stranger"], [5], model_version="2"))
    assert comparisons(closed(windows)) == {}


def test_shadow_predictions_that_lag_behind_their_window_count_once() -> None:
    windows = scored()
    early = predictions(NAMES[:2], [5] * 2, model_version="2")
    windows.add_shadow_predictions(early)
    labels = closed(windows)
    shadows = ShadowWindows("m", max_windows=5)
    shadows.add_window(labels)
    late = predictions(NAMES[:4], [5] * 4, first=20, model_version="2", prediction=0)
    assert not windows.is_open(late).any()
    assert shadows.add_late_predictions(late)[0] == {"joined": 2, "late": 2}
    assert shadows.add_late_predictions(late)[0] == {"joined": 0, "late": 4}
    (comparison,) = shadows.pop_updated_comparisons()
    assert (comparison.rows, comparison.disagreements) == (4, 2)
    assert list(shadows.required_offsets()) == [{("predictions", 0): 22}]


def test_a_comparison_is_published_again_only_when_more_is_known() -> None:
    windows = scored()
    windows.add_shadow_predictions(predictions(NAMES[:2], [5] * 2, model_version="2"))
    labels = closed(windows)
    shadows = ShadowWindows("m", max_windows=5)
    shadows.add_window(labels)
    assert len(shadows.pop_updated_comparisons()) == 1
    assert shadows.pop_updated_comparisons() == []
    labels.add_outcomes(outcomes(["r0"], [1]))
    assert [each.labelled_rows for each in shadows.pop_updated_comparisons()] == [1]
    shadows.mark_unpublished(0)
    assert [each.labelled_rows for each in shadows.pop_updated_comparisons()] == [1]


def test_a_large_window_compares_a_share_of_its_records_chosen_by_their_ids() -> None:
    names = [f"n{number}" for number in range(3_000)]
    windows = TumblingWindows(
        10, WindowLimits(sample_rows=10, open_ids=2_000, closed_ids=10_000), CARS.classes
    )
    windows.add_predictions(predictions(names, [5] * 3_000))
    windows.add_shadow_predictions(predictions(names, [5] * 3_000, model_version="2", prediction=0))
    (comparison,) = comparisons(closed(windows)).values()
    assert 500 < comparison.rows <= 1_000
    assert comparison.disagreements == comparison.rows


@pytest.mark.parametrize("count", [MAX_VERSIONS - 1, MAX_VERSIONS + 5])
def test_versions_beyond_the_maximum_share_a_code_without_a_name(count: int) -> None:
    codes = VersionCodes(CARS.classes)
    events = [a_prediction("x", model_version=str(number)) for number in range(count)]
    encoded = codes.version_codes(codes.encode(events, np.arange(count)))
    names = [codes.versions[code] for code in encoded]
    assert names[: MAX_VERSIONS - 1] == [str(number) for number in range(MAX_VERSIONS - 1)]
    assert set(names[MAX_VERSIONS - 1 :]) <= {""}
