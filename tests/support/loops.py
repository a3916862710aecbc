"""Loops without the processes around them."""

from contextlib import suppress
from typing import Any

from training.loop.loop import Loop
from training.loop.metrics import LoopMetrics
from training.loop.watch import loop
from training.settings import TrainingSettings


class Loops:
    """Loops over the same settings: one takes over from another, or turns beside it."""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self._made: list[Loop] = []

    def start(self, **changes: Any) -> Loop:
        """Another one."""
        settings = self.settings.model_copy(update=changes)
        made = loop(settings, LoopMetrics())
        self._made.append(made)
        return made

    def close(self) -> None:
        """Ends those that were not."""
        for each in self._made:
            with suppress(RuntimeError):  # closed already
                each.close()
