"""Scores a batch with the shadow version, for comparison with the champion. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord
from stream_app.scoring.message import OutgoingMessage
from stream_app.scoring.model import Model


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """The shadow's part of a scored batch.

    Attributes:
        champion: ModelVersion whose predictions count.
        version: ModelVersion of the shadow.
        predictions: For `predictions.shadow`, in the order of the champion's; empty if it failed.
        disagreements: Number of records for which it predicts another class than the champion.
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
    champion_probabilities: NDArray[np.float64],
    encode: Callable[[Model, NDArray[np.float64]], list[OutgoingMessage]],
) -> ShadowResult | None:
    """Scores the records with the shadow. Raises nothing: the champion's batch must go on.

    Args:
        shadow: The shadow version; with None, the result is None.
        champion: The version that scored the records already.
        records: The valid records of the batch.
        champion_probabilities: The champion's result for them.
        encode: Encodes the predictions of a model, given its probabilities.
    """
    if shadow is None or not records:
        return None
    started = perf_counter()
    try:
        probabilities = shadow.probabilities(records)
        if not ((probabilities >= 0) & (probabilities <= 1)).all():  # also true for NaN
            raise ValueError("not a probability")  # noqa: TRY301  handled as any other fault
        predictions = encode(shadow, probabilities)
    except Exception as error:  # noqa: BLE001  whatever it is, the champion's batch goes on
        failure = f"version {shadow.version} cannot score: {type(error).__name__}: {error}"
        seconds = perf_counter() - started
        return ShadowResult(champion.version, shadow.version, [], 0, seconds, failure)
    predict = champion.schema.classes.predict
    differs = predict(probabilities, shadow.threshold) != predict(
        champion_probabilities, champion.threshold
    )
    seconds = perf_counter() - started
    return ShadowResult(champion.version, shadow.version, predictions, int(differs.sum()), seconds)
