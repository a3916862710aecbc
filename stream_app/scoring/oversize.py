"""A prediction that its topic does not take -> a dead letter. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from contract.errors import DeadLetterReason, InvalidRecord
from stream_app.scoring.dead_letters import dead_letter
from stream_app.scoring.message import Limits, Message, Outgoing, size
from stream_app.scoring.score import Scored


def without_large(messages: Sequence[Message], scored: Scored, limits: Limits) -> Scored:
    """The scored batch, with what is too large for `predictions` among the dead letters.

    A prediction is so large only by the key and the headers that it carries on.
    """
    valid = (index for index in range(len(messages)) if index not in scored.invalid)
    predictions: list[Outgoing] = []
    large: dict[int, InvalidRecord] = {}
    for index, prediction in zip(valid, scored.predictions, strict=True):
        if size(prediction) <= limits.predictions:
            predictions.append(prediction)
        else:
            large[index] = InvalidRecord(
                DeadLetterReason.TOO_LARGE,
                f"its key and headers are too large for a prediction of {limits.predictions} bytes",
            )
    return replace(
        scored,
        predictions=predictions,
        dead_letters=[
            *scored.dead_letters,
            *(
                dead_letter(messages[index], why, limits.dead_letters)
                for index, why in large.items()
            ),
        ],
        invalid={**scored.invalid, **large},
    )
