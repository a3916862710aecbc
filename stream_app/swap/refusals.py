"""The versions that are refused: told once, and not tried again until the alias moves."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Final

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason
from stream_app.swap.metrics import SwapMetrics
from stream_app.swap.wanted import Part

log = logging.getLogger(__name__)

AGAIN: Final = 60.0
"""Seconds after which a version that could not be had is tried again: its store may be back."""


class Refusals:
    """Kept by one thread."""

    def __init__(self, metrics: SwapMetrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._until: dict[Part, float] = {}

    def add(self, part: Part, why: ModelUnavailable) -> None:
        """For as long as an alias names the version; one that cannot be had, for a minute."""
        reason = why.reason if isinstance(why, ModelRejected) else ModelRejectionReason.UNAVAILABLE
        lasts = AGAIN if reason is ModelRejectionReason.UNAVAILABLE else float("inf")
        self._until[part] = self._clock() + lasts
        self._metrics.refused(*part, reason)
        log.error("the %s is refused, what scores goes on: %s", part.role, why)

    def holds(self, part: Part) -> bool:
        """Whether the version must not be tried now."""
        return self._clock() < self._until.get(part, 0.0)

    def end(self, part: Part) -> None:
        """The version was tried again, and is good."""
        if self._until.pop(part, None) is not None:
            self._metrics.accepted(*part)

    def keep(self, parts: Collection[Part]) -> None:
        """Forgets those that no alias names any more."""
        for part in self._until.keys() - set(parts):
            self.end(part)
