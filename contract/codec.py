"""Bytes on a topic <-> the events that no schema changes. Every fault is an `InvalidRecord`.

Records, predictions and outcomes have the codec of their schema: `contract.schema.codec`.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contract.decoding import EventDecoder
from contract.events import (
    Alert,
    DeadLetter,
    LifecycleEvent,
    Redrive,
    RetrainingRequest,
    ShadowComparison,
)

encode: Final[Callable[[Any], bytes]] = msgspec.json.Encoder().encode
"""The JSON of any event."""

# Decoders. Each raises `InvalidRecord`.
decode_dead_letter: Final = EventDecoder[DeadLetter](DeadLetter).decode
decode_alert: Final = EventDecoder[Alert](Alert).decode
decode_redrive: Final = EventDecoder[Redrive](Redrive).decode
decode_retraining_request: Final = EventDecoder[RetrainingRequest](RetrainingRequest).decode
decode_shadow_comparison: Final = EventDecoder[ShadowComparison](ShadowComparison).decode
decode_lifecycle_event: Final = EventDecoder[LifecycleEvent](LifecycleEvent).decode
