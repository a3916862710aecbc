"""Retraining controllers without the processes around them."""

from contextlib import suppress
from typing import Any

from training.controller.controller import RetrainingController
from training.controller.metrics import ControllerMetrics
from training.controller.runner import build_controller
from training.settings import TrainingSettings


class Controllers:
    """Controllers of the same settings: one takes over from another, or runs beside it."""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self._started: list[RetrainingController] = []

    def start(self, **changes: Any) -> RetrainingController:
        """Another controller."""
        settings = self.settings.model_copy(update=changes)
        controller = build_controller(settings, ControllerMetrics())
        self._started.append(controller)
        return controller

    def close(self) -> None:
        """Closes those that are open."""
        for controller in self._started:
            with suppress(RuntimeError):  # closed already
                controller.close()
