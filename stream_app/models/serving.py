"""The models that score now. The agent reads them once per batch, the alias watcher sets them."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from stream_app.models.registered_model import RegisteredModel


@dataclass(frozen=True, slots=True)
class ServingModels:
    """The champion, and the version that scores in its shadow, if any."""

    champion: RegisteredModel
    shadow: RegisteredModel | None = None


class ServingState:
    """Holds the serving models in one reference, so that one read gives a consistent pair."""

    def __init__(self, champion: RegisteredModel) -> None:
        self._models = ServingModels(champion)
        self._shadow_failures: dict[str, str] = {}

    @property
    def models(self) -> ServingModels:
        """The models that score the next batch."""
        return self._models

    def switch(self, models: ServingModels) -> None:
        """Sets the models that score from the next batch on."""
        self._models = models

    def disable_shadow(self, version: str, failure: str) -> None:
        """Stops scoring with a shadow that failed. Called from the event loop."""
        self._shadow_failures[version] = failure
        shadow = self._models.shadow
        if shadow is not None and shadow.version == version:
            self._models = replace(self._models, shadow=None)

    def shadow_failure(self, version: str) -> str | None:
        """Why a version must not be a shadow; None if it may be one."""
        return self._shadow_failures.get(version)

    def clear_shadow_failures(self, *, keep: Collection[str]) -> None:
        """Forgets the failures of all versions but those to `keep`, which may then be retried."""
        for version in self._shadow_failures.keys() - set(keep):
            self._shadow_failures.pop(version, None)
