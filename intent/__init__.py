"""Predictions of purchase intent on a Kafka stream: client, event classes and exceptions.

The names in `__all__` are the public Python interface; they keep their meaning as docs/support.md
says. Modules below `intent` are internal. The command is `intent`.

Names are imported at their first use, so that `import intent` is fast.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intent.api import (
        AccessDenied,
        Alert,
        BadSetting,
        BrokerUnreachable,
        Client,
        CustomerRecord,
        DeadLetter,
        DeliveryFailed,
        InvalidRecord,
        LifecycleEvent,
        Outcome,
        PipelineError,
        Prediction,
        PredictionStream,
        RetrainingRequest,
        Schema,
        TopicUnavailable,
    )

    __version__: str

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
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415

        return version("intent-stream")
    if name in __all__:
        from intent import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
