"""Settings classes of all stages, and the effective values of all settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from contract.errors import BadSetting
from contract.redaction import redact
from contract.settings import Settings, describe_faults, setting_origins, try_load
from intent.local.settings import LocalSettings
from monitoring.settings import MonitoringSettings
from producers.settings import ProducerSettings
from stream_app.settings import ScorerSettings
from training.settings import TrainingSettings

STAGES: Final[dict[str, type[Settings]]] = {
    "every stage": Settings,
    "producers": ProducerSettings,
    "stream_app": ScorerSettings,
    "monitoring": MonitoringSettings,
    "training": TrainingSettings,
    "intent.local (`make demo`)": LocalSettings,
}

DEFAULT: Final = "default"
"""Source of a setting that is not set."""


@dataclass(frozen=True)
class EffectiveSetting:
    """A setting of a stage: its value with secrets masked, and the source of the value."""

    stage: str
    name: str
    value: str
    source: str


def all_setting_names() -> list[str]:
    """Names of all settings, sorted."""
    return sorted({name for cls in STAGES.values() for name in cls.model_fields})


def effective_settings() -> list[EffectiveSetting]:
    """All settings of all stages. Raises `BadSetting` that names every invalid setting."""
    return [
        EffectiveSetting(stage, name, _masked(getattr(settings, name)), sources.get(name, DEFAULT))
        for stage, settings in _load_all().items()
        for sources in [setting_origins(type(settings))]
        for name in _stage_fields(type(settings))
    ]


def validate_settings() -> None:
    """Raises `BadSetting` that names every invalid setting of any stage."""
    _load_all()


def _load_all() -> dict[str, Settings]:
    loaded: dict[str, Settings] = {}
    faults: dict[str, None] = {}  # ordered, without duplicates
    for stage, cls in STAGES.items():
        settings, stage_faults = try_load(cls)
        faults |= dict.fromkeys(stage_faults)
        if settings is not None:
            loaded[stage] = settings
    if faults:
        raise BadSetting(describe_faults(faults))
    return loaded


def _masked(value: object) -> str:
    """`SecretStr` masks itself; passwords in addresses are masked here."""
    return redact(str(value))


def _stage_fields(cls: type[Settings]) -> Iterator[str]:
    shared = {} if cls is Settings else Settings.model_fields
    return (name for name in cls.model_fields if name not in shared)
