"""The versions that the registry's aliases ask for, and those of them that were rejected."""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason
from contract.registry import CHALLENGER_ALIAS, CHAMPION_ALIAS, PREVIOUS_CHAMPION_ALIAS
from stream_app.models.reload_metrics import ReloadMetrics

log = logging.getLogger(__name__)

RETRY_INTERVAL: Final = 60.0
"""Seconds after which a version whose files were unavailable is tried again."""


class Role(StrEnum):
    """What a version does with a record."""

    CHAMPION = "champion"
    SHADOW = "shadow"


class DesiredVersion(NamedTuple):
    """A version and the role in which it should score."""

    role: Role
    number: str


def desired_versions(
    aliases: Mapping[str, str], *, shadow_enabled: bool
) -> dict[Role, DesiredVersion]:
    """The version for each role. The shadow is the challenger, or else the previous champion."""
    champion = aliases.get(CHAMPION_ALIAS)
    candidates = (
        (aliases.get(CHALLENGER_ALIAS), aliases.get(PREVIOUS_CHAMPION_ALIAS))
        if shadow_enabled
        else ()
    )
    shadow = next((number for number in candidates if number and number != champion), None)
    numbers = {Role.CHAMPION: champion, Role.SHADOW: shadow}
    return {role: DesiredVersion(role, number) for role, number in numbers.items() if number}


class RejectedVersions:
    """The versions that must not be tried now. Not thread-safe."""

    def __init__(self, metrics: ReloadMetrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._rejected_until: dict[DesiredVersion, float] = {}

    def add_version(self, version: DesiredVersion, error: ModelUnavailable) -> None:
        """Rejects a version until no alias names it; for a minute if its files were unavailable."""
        reason = (
            error.reason if isinstance(error, ModelRejected) else ModelRejectionReason.UNAVAILABLE
        )
        seconds = RETRY_INTERVAL if reason is ModelRejectionReason.UNAVAILABLE else float("inf")
        self._rejected_until[version] = self._clock() + seconds
        self._metrics.set_rejected(*version, reason)
        log.error("rejected %s model, keeping the current one: %s", version.role, error)

    def is_rejected(self, version: DesiredVersion) -> bool:
        """Whether the version must not be tried now."""
        return self._clock() < self._rejected_until.get(version, 0.0)

    def remove_version(self, version: DesiredVersion) -> None:
        """Accepts a version that was tried again and is good."""
        if self._rejected_until.pop(version, None) is not None:
            self._metrics.clear_rejected(*version)

    def remove_all_except(self, versions: Collection[DesiredVersion]) -> None:
        """Forgets the versions that no alias names any longer."""
        for version in self._rejected_until.keys() - set(versions):
            self.remove_version(version)
