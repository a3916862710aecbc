"""Turns predictions that are too large for their topic into dead letters. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from contract.errors import DeadLetterReason, InvalidRecord
from stream_app.scoring.dead_letter_builder import build_dead_letter
from stream_app.scoring.message import Message, MessageLimits, OutgoingMessage, message_size
from stream_app.scoring.score import ScoredBatch


def move_oversized_to_dead_letters(
    messages: Sequence[Message], scored: ScoredBatch, limits: MessageLimits
) -> ScoredBatch:
    """Replaces each prediction that exceeds the limit of `predictions` by a dead letter.

    Only the copied key and headers can make a prediction that large.
    """
    valid = (index for index in range(len(messages)) if index not in scored.invalid)
    predictions: list[OutgoingMessage] = []
    oversized: dict[int, InvalidRecord] = {}
    for index, prediction in zip(valid, scored.predictions, strict=True):
        if message_size(prediction) <= limits.predictions:
            predictions.append(prediction)
        else:
            oversized[index] = InvalidRecord(
                DeadLetterReason.TOO_LARGE,
                f"its key and headers are too large for a prediction of {limits.predictions} bytes",
            )
    return replace(
        scored,
        predictions=predictions,
        dead_letters=[
            *scored.dead_letters,
            *(
                build_dead_letter(messages[index], invalid, limits.dead_letters)
                for index, invalid in oversized.items()
            ),
        ],
        invalid={**scored.invalid, **oversized},
    )
