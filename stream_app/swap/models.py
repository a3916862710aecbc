"""The models that score at this moment. Read once a batch by the agent, written by the watcher."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from stream_app.model.registered import RegisteredModel


@dataclass(frozen=True, slots=True)
class Serving:
    """What scores a batch: the champion, and beside it one that does not decide, if any."""

    champion: RegisteredModel
    shadow: RegisteredModel | None = None


class Models:
    """Holds them in one reference, so that whoever reads it once has one version of each."""

    def __init__(self, champion: RegisteredModel) -> None:
        self._now = Serving(champion)
        self._failed: dict[str, str] = {}

    @property
    def now(self) -> Serving:
        """What scores the next batch, all of it."""
        return self._now

    def switch(self, to: Serving) -> None:
        """From the next batch on."""
        self._now = to

    def shadow_failed(self, version: str, words: str) -> None:
        """Scores no more with a shadow, until it is forgiven. From the event loop."""
        self._failed[version] = words
        shadow = self._now.shadow
        if shadow is not None and shadow.version == version:
            self._now = replace(self._now, shadow=None)

    def failure(self, version: str) -> str | None:
        """Why a version is no shadow any more; None if it may be one."""
        return self._failed.get(version)

    def forgive_all_but(self, versions: Collection[str]) -> None:
        """Those that no alias names any more may be tried anew when one does."""
        for version in self._failed.keys() - set(versions):
            self._failed.pop(version, None)
