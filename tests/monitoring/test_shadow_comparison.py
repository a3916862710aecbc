"""What champion and shadow said of the same records, joined on the id, and what came of them."""

import numpy as np
import pytest

from contract.events import ShadowComparison
from monitoring.windows.labelled_window import Labels
from monitoring.windows.paired_predictions import MOST, Voices, voice
from monitoring.windows.shadow_windows import Shadows
from monitoring.windows.tumbling import Windows
from monitoring.windows.window import Limits
from tests.monitoring.builders import a_prediction, outcomes, predictions

LIMITS = Limits(sample=10, open_ids=10_000, closed_ids=10_000)
NAMES = [f"r{number}" for number in range(8)]


def closed(windows: Windows) -> Labels:
    (window,) = windows.close(10)
    return window.labels


def scored() -> Windows:
    """Eight records that version 1 predicts to buy, the last two of them by version 2."""
    windows = Windows(10, LIMITS)
    windows.predictions(predictions(NAMES[:6], [5] * 6))
    windows.predictions(predictions(NAMES[6:], [5] * 2, first=6, model_version="2"))
    return windows


def told(labels: Labels) -> dict[tuple[str, str], ShadowComparison]:
    shadows = Shadows("m", kept=5)
    shadows.add(labels)
    return {(each.champion_version, each.shadow_version): each for each in shadows.news()}


def cells(comparison: ShadowComparison) -> tuple[int, int, int, int]:
    return (
        comparison.both_correct, comparison.champion_only_correct,
        comparison.shadow_only_correct, comparison.neither_correct,
    )  # fmt: skip


def test_records_are_counted_by_who_was_right_as_far_as_outcomes_are_known() -> None:
    windows = scored()
    shadow = predictions(NAMES[:4], [5] * 4, model_version="2", prediction=0)
    windows.shadows(shadow)
    windows.shadows(predictions(NAMES[4:6], [5] * 2, first=4, model_version="2"))
    labels = closed(windows)
    labels.take(outcomes(["r0", "r1", "r2", "r4", "r5"], [1, 0, 0, 1, 0]))
    (comparison,) = told(labels).values()
    assert (comparison.champion_version, comparison.shadow_version) == ("1", "2")
    assert (comparison.rows, comparison.disagreements, comparison.labelled_rows) == (6, 4, 5)
    assert cells(comparison) == (1, 1, 2, 1)


def test_versions_that_changed_places_within_a_window_are_two_pairs() -> None:
    windows = scored()
    windows.shadows(predictions(NAMES[:6], [5] * 6, model_version="2"))
    windows.shadows(predictions(NAMES[6:], [5] * 2, first=6, model_version="1"))
    rows = {pair: each.rows for pair, each in told(closed(windows)).items()}
    assert rows == {("1", "2"): 6, ("2", "1"): 2}


def test_shadow_predictions_of_records_without_a_prediction_count_for_nothing() -> None:
    windows = scored()
    windows.shadows(predictions(["stranger"], [5], model_version="2"))
    assert told(closed(windows)) == {}


def test_shadow_predictions_that_lag_behind_their_window_count_once() -> None:
    windows = scored()
    early = predictions(NAMES[:2], [5] * 2, model_version="2")
    windows.shadows(early)
    labels = closed(windows)
    shadows = Shadows("m", kept=5)
    shadows.add(labels)
    late = predictions(NAMES[:4], [5] * 4, first=20, model_version="2", prediction=0)
    assert not windows.is_open(late).any()
    assert shadows.late(late) == {"joined": 2, "late": 2}
    assert shadows.late(late) == {"joined": 0, "late": 4}
    (comparison,) = shadows.news()
    assert (comparison.rows, comparison.disagreements) == (4, 2)
    assert list(shadows.first_offsets()) == [{("predictions", 0): 22}]


def test_a_window_is_told_of_again_only_when_more_is_known() -> None:
    windows = scored()
    windows.shadows(predictions(NAMES[:2], [5] * 2, model_version="2"))
    labels = closed(windows)
    shadows = Shadows("m", kept=5)
    shadows.add(labels)
    assert len(shadows.news()) == 1
    assert shadows.news() == []
    labels.take(outcomes(["r0"], [1]))
    assert [each.labelled_rows for each in shadows.news()] == [1]
    shadows.again(0)
    assert [each.labelled_rows for each in shadows.news()] == [1]


def test_a_large_window_compares_a_share_of_its_records_chosen_by_their_ids() -> None:
    names = [f"n{number}" for number in range(3_000)]
    windows = Windows(10, Limits(sample=10, open_ids=2_000, closed_ids=10_000))
    windows.predictions(predictions(names, [5] * 3_000))
    windows.shadows(predictions(names, [5] * 3_000, model_version="2", prediction=0))
    (comparison,) = told(closed(windows)).values()
    assert 500 < comparison.rows <= 1_000
    assert comparison.disagreements == comparison.rows


@pytest.mark.parametrize("versions", [MOST - 1, MOST + 5])
def test_versions_beyond_those_a_window_tells_apart_have_no_name(versions: int) -> None:
    voices = Voices()
    events = [a_prediction("x", model_version=str(number)) for number in range(versions)]
    said = voice(voices.encode(events, np.arange(versions)))
    named = [voices.names[code] for code in said]
    assert named[: MOST - 1] == [str(number) for number in range(MOST - 1)]
    assert set(named[MOST - 1 :]) <= {""}
