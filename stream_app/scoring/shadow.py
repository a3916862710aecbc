"""Scores a batch with the shadow version, for comparison with the champion. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from contract.events import CustomerRecord
from contract.schema.task import Floats
from stream_app.scoring.message import OutgoingMessage
from stream_app.scoring.model import Model


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """The shadow's part of a scored batch.

    Attributes:
        champion: ModelVersion whose predictions count.
        version: ModelVersion of the shadow.
        predictions: For `predictions.shadow`, in the order of the champion's; empty if it failed.
        disagreements: Number of records for which it predicts another class than the champion, or a
            number outside of its interval.
        seconds: Time that the shadow took.
        failure: Why it has no predictions; None if it has.
    """

    champion: str
    version: str
    predictions: list[OutgoingMessage]
    disagreements: int
    seconds: float
    failure: str | None = None


def score_with_shadow(
    shadow: Model | None,
    champion: Model,
    records: Sequence[CustomerRecord],
    champion_outputs: Floats,
    encode: Callable[[Model, Floats], list[OutgoingMessage]],
) -> ShadowResult | None:
    """Scores the records with the shadow. Raises nothing: the champion's batch must go on.

    Args:
        shadow: The shadow version; with None, the result is None.
        champion: The version that scored the records already.
        records: The valid records of the batch.
        champion_outputs: The champion's result for them.
        encode: Encodes the predictions of a model, given its outputs.
    """
    if shadow is None or not records:
        return None
    started, task = perf_counter(), champion.schema.task
    try:
        outputs = shadow.outputs(records)
        if not task.valid(outputs).all():
            raise ValueError(f"not a {task.output}")  # noqa: TRY301  handled as any other fault
        predictions = encode(shadow, outputs)
    except Exception as error:  # noqa: BLE001  whatever it is, the champion's batch goes on
        failure = f"version {shadow.version} cannot score: {type(error).__name__}: {error}"
        seconds = perf_counter() - started
        return ShadowResult(champion.version, shadow.version, [], 0, seconds, failure)
    disagreements = task.disagreements(outputs, shadow.rule, champion_outputs, champion.rule)
    seconds = perf_counter() - started
    return ShadowResult(champion.version, shadow.version, predictions, disagreements, seconds)
