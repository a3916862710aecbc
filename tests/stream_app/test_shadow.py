"""Scoring with a shadow, whose faults change no prediction."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from contract.schema import CARS
from stream_app.scoring.oversized_predictions import move_oversized_to_dead_letters
from stream_app.scoring.score import score_batch
from tests.support.records import MINIMAL_RECORD
from tests.support.scoring import LIMITS, NOW, AgeModel, StubModel, a_message

MESSAGES = [
    a_message(MINIMAL_RECORD, offset=1, key=b"k"),
    a_message(b"?", offset=2),
    a_message(MINIMAL_RECORD, offset=3),
]


def test_shadow_scores_the_valid_records_and_counts_disagreements() -> None:
    scored = score_batch(MESSAGES, AgeModel(), NOW, LIMITS, StubModel([0.9, 0.4]))
    assert scored.shadow is not None
    found = [CARS.codec.decode_prediction(sent["value"]) for sent in scored.shadow.predictions]
    assert [(each.offset, each.model_version, each.probability) for each in found] == [
        (1, "8", 0.9),
        (3, "8", 0.4),
    ]
    assert scored.shadow.disagreements == 1
    assert (scored.shadow.champion, scored.shadow.version) == ("7", "8")
    assert scored.shadow.predictions[0]["key"] == b"k"


def test_champion_and_shadow_each_predict_by_their_own_threshold() -> None:
    shadow = StubModel([0.25, 0.35], threshold=0.2)
    scored = score_batch(MESSAGES, AgeModel(threshold=0.3), NOW, LIMITS, shadow)
    assert scored.shadow is not None
    classes = [
        [CARS.codec.decode_prediction(sent["value"]).prediction for sent in predictions]
        for predictions in (scored.predictions, scored.shadow.predictions)
    ]
    assert classes == [[1, 1], [1, 1]]  # 0.35 above 0.3, and 0.25 and 0.35 above 0.2
    assert scored.shadow.disagreements == 0
    other = replace(shadow, threshold=0.3)
    disagreeing = score_batch(MESSAGES, AgeModel(threshold=0.3), NOW, LIMITS, other).shadow
    assert disagreeing is not None
    assert disagreeing.disagreements == 1


@pytest.mark.parametrize(
    "probabilities", [RuntimeError("broken"), [np.nan, 0.5], [0.5, 1.5], [0.5]], ids=str
)
def test_shadow_that_fails_changes_no_prediction(probabilities: Any) -> None:
    alone = score_batch(MESSAGES, AgeModel(), NOW, LIMITS)
    scored = score_batch(MESSAGES, AgeModel(), NOW, LIMITS, StubModel(probabilities))
    assert scored.predictions == alone.predictions
    assert scored.dead_letters == alone.dead_letters
    assert scored.shadow is not None
    assert scored.shadow.predictions == []
    assert "version 8 cannot score" in str(scored.shadow.failure)


def test_batch_without_a_valid_record_has_no_shadow() -> None:
    assert score_batch([a_message(b"?")], AgeModel(), NOW, LIMITS, StubModel([])).shadow is None


def test_oversized_prediction_becomes_a_dead_letter_in_a_batch_without_shadow() -> None:
    scored = replace(
        score_batch(MESSAGES, AgeModel(), NOW, LIMITS, StubModel([0.9, 0.4])), shadow=None
    )
    found = move_oversized_to_dead_letters(MESSAGES, scored, replace(LIMITS, predictions=1))
    assert found.predictions == []
    assert found.shadow is None
