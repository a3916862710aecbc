"""Asks the stages how they are: one look at the whole pipeline."""

import time
from dataclasses import dataclass
from typing import Final

from intent.local.figures import Figures, Meter
from intent.local.scrape import scrape
from intent.local.settings import LocalSettings
from intent.local.windows import Window, windows

LOOK_EVERY: Final = 0.5
"""Seconds."""


@dataclass(frozen=True)
class View:
    """What one look found: figures, and the closed windows, newest first."""

    figures: Figures
    windows: list[Window]


class Viewer:
    """Looks again and again, so that it can tell rates."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self._meter = Meter()

    def look(self) -> View:
        """Takes a few milliseconds; a stage that does not answer has no figures."""
        own = self._settings
        token = own.listen_token.get_secret_value()
        simulator = scrape(own.dial_host, own.simulator_port, token)
        scorer = scrape(own.dial_host, own.scorer_port, token)
        figures = self._meter.figures(simulator, scorer, time.monotonic())
        return View(figures, windows(own.dial_host, own.monitoring_port, token))
