"""Bytes on a topic -> the events of a schema."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from contract.decoding import Decoded, EventDecoder, Values
from contract.schema.coercion import coercing_decoder
from contract.schema.events import EventTypes

if TYPE_CHECKING:
    from contract.events import CustomerRecord, Outcome, Prediction


class Codec:
    """Decoders of records, predictions and outcomes.

    Those of a batch raise nothing. Those of one value raise `InvalidRecord`.
    """

    def __init__(self, types: EventTypes) -> None:
        records = EventDecoder["CustomerRecord"](types.record, coercing_decoder(types.record))
        predictions = EventDecoder["Prediction"](types.prediction)
        outcomes = EventDecoder["Outcome"](types.outcome, coercing_decoder(types.outcome))
        self.customers: Final = records
        self.outcomes: Final = outcomes
        # Bound once: they are looked up for each batch.
        self.decode_customer: Final[Callable[[bytes | None], CustomerRecord]] = records.decode
        self.decode_customers: Final[Callable[[Values], Decoded[CustomerRecord]]] = (
            records.decode_batch
        )
        self.decode_prediction: Final[Callable[[bytes | None], Prediction]] = predictions.decode
        self.decode_predictions: Final[Callable[[Values], Decoded[Prediction]]] = (
            predictions.decode_batch
        )
        self.decode_outcome: Final[Callable[[bytes | None], Outcome]] = outcomes.decode
        self.decode_outcomes: Final[Callable[[Values], Decoded[Outcome]]] = outcomes.decode_batch
