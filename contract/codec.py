"""Bytes on a topic <-> the events that no schema changes. Every fault is an `InvalidRecord`.

Records, predictions and outcomes have the codec of their schema: `contract.schema.codec`.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contract.decoding import Decoded, EventDecoder, Values
from contract.events import (
    Alert,
    DeadLetter,
    LifecycleEvent,
    Redrive,
    RetrainingRequest,
    ShadowComparison,
)
from contract.schema.default import SCHEMA

__all__ = [
    "Decoded",
    "Values",
    "decode_alert",
    "decode_customer",
    "decode_customers",
    "decode_dead_letter",
    "decode_lifecycle_event",
    "decode_outcome",
    "decode_outcomes",
    "decode_prediction",
    "decode_predictions",
    "decode_redrive",
    "decode_retraining_request",
    "decode_shadow_comparison",
    "encode",
]

encode: Final[Callable[[Any], bytes]] = msgspec.json.Encoder().encode
"""The JSON of any event."""

# Decoders. Each raises `InvalidRecord`.
decode_dead_letter: Final = EventDecoder[DeadLetter](DeadLetter).decode
decode_alert: Final = EventDecoder[Alert](Alert).decode
decode_redrive: Final = EventDecoder[Redrive](Redrive).decode
decode_retraining_request: Final = EventDecoder[RetrainingRequest](RetrainingRequest).decode
decode_shadow_comparison: Final = EventDecoder[ShadowComparison](ShadowComparison).decode
decode_lifecycle_event: Final = EventDecoder[LifecycleEvent](LifecycleEvent).decode

decode_customer = SCHEMA.codec.decode_customer
decode_customers = SCHEMA.codec.decode_customers
decode_prediction = SCHEMA.codec.decode_prediction
decode_predictions = SCHEMA.codec.decode_predictions
decode_outcome = SCHEMA.codec.decode_outcome
decode_outcomes = SCHEMA.codec.decode_outcomes
