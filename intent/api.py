"""The names that `intent` exports."""

from contract.errors import (
    AccessDenied,
    BadSetting,
    BrokerUnreachable,
    InvalidRecord,
    PipelineError,
    TopicUnavailable,
)
from contract.events import Alert, DeadLetter, LifecycleEvent, RetrainingRequest
from contract.schema import Schema
from contract.schema.cars import CustomerRecord, Outcome, Prediction
from intent.client import Client, DeliveryFailed
from intent.prediction_stream import PredictionStream

__all__ = [
    "AccessDenied",
    "Alert",
    "BadSetting",
    "BrokerUnreachable",
    "Client",
    "CustomerRecord",
    "DeadLetter",
    "DeliveryFailed",
    "InvalidRecord",
    "LifecycleEvent",
    "Outcome",
    "PipelineError",
    "Prediction",
    "PredictionStream",
    "RetrainingRequest",
    "Schema",
    "TopicUnavailable",
]
