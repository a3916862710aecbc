"""What the fuzzers check: it holds for any messages."""

from collections.abc import Sequence

from contract import codec
from contract.schema import CARS
from stream_app.scoring.message import Message, MessageLimits, message_size
from stream_app.scoring.score import score_batch
from tests.support.records import MINIMAL_RECORD
from tests.support.scoring import NOW, AgeModel

LIMITS = MessageLimits(predictions=100_000, dead_letters=4_000)


def check(messages: Sequence[Message]) -> None:
    """Each message has one result. A valid one is scored, an invalid one kept byte for byte."""
    scored = score_batch(messages, AgeModel(), NOW, LIMITS)
    predictions = [CARS.codec.decode_prediction(sent["value"]) for sent in scored.predictions]
    dead_letters = [codec.decode_dead_letter(sent["value"]) for sent in scored.dead_letters]
    answered = sorted(
        [each.offset for each in predictions] + [each.offset for each in dead_letters]
    )
    assert answered == [message.offset() for message in messages]
    assert all(message_size(sent) <= LIMITS.dead_letters for sent in scored.dead_letters)
    by_offset = {message.offset(): message for message in messages}
    for dead_letter in dead_letters:
        message = by_offset[dead_letter.offset]
        assert message.value() != MINIMAL_RECORD
        if dead_letter.truncated is None:
            assert (dead_letter.key, dead_letter.value) == (message.key(), message.value())
            assert dead_letter.headers == (message.headers() or [])
    for prediction in predictions:
        message = by_offset[prediction.offset]
        assert 0 <= prediction.probability <= 1
        assert message.value() != MINIMAL_RECORD or prediction.probability == 0.35
