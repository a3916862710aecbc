"""The settings of all stages together: more than any one of them knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from contract.errors import BadSetting
from contract.redaction import redact
from contract.schema_registry_settings import SchemaRegistrySettings
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
    "tools.schema_registry": SchemaRegistrySettings,
}

DEFAULT: Final = "default"


@dataclass(frozen=True)
class InForce:
    """One setting of one stage: its value as it may be shown, and where that comes from."""

    stage: str
    name: str
    value: str
    origin: str


def every_name() -> list[str]:
    """All settings there are, sorted, each once."""
    return sorted({name for cls in STAGES.values() for name in cls.model_fields})


def in_force() -> list[InForce]:
    """All settings of all stages. Raises `BadSetting` that names every fault of any stage."""
    loaded = _load_all()
    return [
        InForce(stage, name, _shown(getattr(settings, name)), origin.get(name, DEFAULT))
        for stage, settings in loaded.items()
        for origin in [setting_origins(type(settings))]
        for name in _own_names(type(settings))
    ]


def check() -> None:
    """Raises `BadSetting` that names every fault of any stage."""
    _load_all()


def _load_all() -> dict[str, Settings]:
    loaded: dict[str, Settings] = {}
    faults: dict[str, None] = {}  # in their order, each once
    for stage, cls in STAGES.items():
        settings, own_faults = try_load(cls)
        faults |= dict.fromkeys(own_faults)
        if settings is not None:
            loaded[stage] = settings
    if faults:
        raise BadSetting(describe_faults(faults))
    return loaded


def _shown(value: object) -> str:
    """A `SecretStr` masks itself; a login in an address is masked here."""
    return redact(str(value))


def _own_names(cls: type[Settings]) -> Iterator[str]:
    shared = {} if cls is Settings else Settings.model_fields
    return (name for name in cls.model_fields if name not in shared)
