"""What a version that does not decide says of a batch, beside the one that does. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord
from stream_app.scoring.message import Outgoing
from stream_app.scoring.model import Model


@dataclass(frozen=True, slots=True)
class Shadowed:
    """The shadow's side of a scored batch.

    Attributes:
        champion: the version that decides.
        version: the one that does not.
        predictions: for `predictions.shadow`, in the order of the champion's; none if it failed.
        disagreements: how many of them tell another class than the champion's.
        seconds: time that the shadow took.
        failure: why it has no predictions, in words; None if it has.
    """

    champion: str
    version: str
    predictions: list[Outgoing]
    disagreements: int
    seconds: float
    failure: str | None = None


def shadowed(
    shadow: Model | None,
    champion: Model,
    records: Sequence[CustomerRecord],
    decided: NDArray[np.float64],
    encode: Callable[[Model, NDArray[np.float64]], list[Outgoing]],
) -> Shadowed | None:
    """What the shadow says of the records, of which the champion has `decided`; raises nothing."""
    if shadow is None or not records:
        return None
    started = perf_counter()
    try:
        said = shadow.probabilities(records)
        if not ((said >= 0) & (said <= 1)).all():  # NaN is not either
            raise ValueError("a probability is none")  # noqa: TRY301  ends as any other fault
        predictions = encode(shadow, said)
    except Exception as failure:  # noqa: BLE001  whatever it is, the champion's batch goes on
        words = f"version {shadow.version} cannot score: {type(failure).__name__}: {failure}"
        spent = perf_counter() - started
        return Shadowed(champion.version, shadow.version, [], 0, spent, words)
    predict = champion.schema.classes.predict
    others = int((predict(said) != predict(decided)).sum())
    spent = perf_counter() - started
    return Shadowed(champion.version, shadow.version, predictions, others, spent)
