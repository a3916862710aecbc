"""Scoring a batch: each message becomes a prediction or a dead letter, in order."""

import numpy as np
import pytest

from contract import codec
from contract.errors import DeadLetterReason
from contract.scalars import MAX_MILLISECONDS
from contract.schema import CARS
from stream_app.scoring.score import score_batch
from tests.support.records import MINIMAL_RECORD
from tests.support.scoring import LIMITS, NOW, AgeModel, StubModel, a_message


def test_prediction_names_record_version_and_scoring_time() -> None:
    (sent,) = score_batch([a_message(key=b"k")], AgeModel(), NOW, LIMITS).predictions
    prediction = CARS.codec.decode_prediction(sent["value"])
    assert sent["key"] == b"k"
    assert (prediction.prediction, prediction.probability) == (0, 0.35)
    assert (prediction.model, prediction.model_version) == ("car-purchase", "7")
    assert (prediction.event_time, prediction.scored_at) == (1_700, NOW)
    assert (prediction.partition, prediction.offset) == (2, 40)


def test_record_without_an_id_gets_one_from_its_position() -> None:
    (sent,) = score_batch([a_message()], AgeModel(), NOW, LIMITS).predictions
    assert CARS.codec.decode_prediction(sent["value"]).id == "customers-2-40"


def test_record_keeps_its_own_id_and_event_time() -> None:
    message = a_message(MINIMAL_RECORD[:-1] + b', "id": "mine", "event_time": 5}')
    (sent,) = score_batch([message], AgeModel(), NOW, LIMITS).predictions
    prediction = CARS.codec.decode_prediction(sent["value"])
    assert (prediction.id, prediction.event_time) == ("mine", 5)


def test_headers_are_copied_to_the_prediction() -> None:
    headers = [("traceparent", b"00-ab-cd-01"), ("empty", None)]
    (sent,) = score_batch([a_message(headers=headers)], AgeModel(), NOW, LIMITS).predictions
    assert sent["headers"] == headers


@pytest.mark.parametrize("timestamp", [(0, -1), (1, MAX_MILLISECONDS + 1)], ids=["none", "no time"])
def test_message_without_a_timestamp_has_the_scoring_time(timestamp: tuple[int, int]) -> None:
    scored = score_batch([a_message(timestamp=timestamp)], AgeModel(), NOW, LIMITS)
    assert CARS.codec.decode_prediction(scored.predictions[0]["value"]).event_time == NOW
    assert scored.timestamps.tolist() == [NOW]


def test_probability_of_one_half_is_no_purchase_as_for_scikit_learn() -> None:
    values = [MINIMAL_RECORD.replace(b"35", age) for age in (b"50", b"50.5")]
    scored = score_batch([a_message(value) for value in values], AgeModel(), NOW, LIMITS)
    predictions = [CARS.codec.decode_prediction(each["value"]) for each in scored.predictions]
    assert [each.prediction for each in predictions] == [0, 1]


def test_class_is_decided_by_the_threshold_of_the_version() -> None:
    values = [MINIMAL_RECORD.replace(b"35", age) for age in (b"20", b"21", b"50", b"51")]
    messages = [a_message(value) for value in values]
    for threshold, expected in ((0.2, [0, 1, 1, 1]), (0.5, [0, 0, 0, 1])):
        scored = score_batch(messages, AgeModel(threshold=threshold), NOW, LIMITS)
        predictions = [CARS.codec.decode_prediction(each["value"]) for each in scored.predictions]
        assert [each.prediction for each in predictions] == expected
        assert [each.probability for each in predictions] == [0.2, 0.21, 0.5, 0.51]


def test_invalid_values_become_dead_letters_and_the_others_are_scored() -> None:
    values = [
        MINIMAL_RECORD,
        b"{",
        MINIMAL_RECORD.replace(b"35", b"36"),
        None,
        MINIMAL_RECORD.replace(b"35", b"37"),
    ]
    messages = [
        a_message(value, offset=offset, headers=[("h", b"x")])
        for offset, value in enumerate(values)
    ]
    scored = score_batch(messages, AgeModel(), NOW, LIMITS)
    predictions = [CARS.codec.decode_prediction(each["value"]) for each in scored.predictions]
    dead_letters = [codec.decode_dead_letter(each["value"]) for each in scored.dead_letters]
    assert [(each.offset, each.probability) for each in predictions] == [
        (0, 0.35), (2, 0.36), (4, 0.37),
    ]  # fmt: skip
    assert [(each.offset, each.value, each.reason) for each in dead_letters] == [
        (1, b"{", "malformed_json"), (3, None, "null_value"),
    ]  # fmt: skip
    assert dead_letters[0].headers == [("h", b"x")]
    assert (dead_letters[0].topic, dead_letters[0].partition, dead_letters[0].timestamp) == (
        "customers",
        2,
        1_700,
    )


def test_batch_of_invalid_values_has_only_dead_letters() -> None:
    scored = score_batch([a_message(b"?"), a_message(None)], AgeModel(), NOW, LIMITS)
    assert (len(scored.predictions), len(scored.dead_letters)) == (0, 2)


@pytest.mark.parametrize("invalid", [np.nan, 1.5, -0.1])
def test_record_without_a_probability_becomes_a_dead_letter_and_the_others_are_scored(
    invalid: float,
) -> None:
    messages = [a_message(b"?"), *(a_message(offset=offset) for offset in (1, 2, 3))]
    shadow = StubModel([0.2, 0.3], version="9")
    scored = score_batch(messages, StubModel([0.9, invalid, 0.4]), NOW, LIMITS, shadow)
    found = [CARS.codec.decode_prediction(sent["value"]) for sent in scored.predictions]
    assert [(each.offset, each.probability) for each in found] == [(1, 0.9), (3, 0.4)]
    assert len(scored.dead_letters) == 2
    assert scored.invalid[2].reason is DeadLetterReason.NO_PROBABILITY
    assert scored.shadow is not None
    assert len(scored.shadow.predictions) == 2
