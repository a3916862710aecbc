"""What the pages show, and where they have it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from contract.events import LifecycleEvent
from monitoring.live.letters import Letter
from monitoring.live.live import Now
from monitoring.pages.board import Parts
from monitoring.pages.fields import Given
from monitoring.pages.trial import Answer
from monitoring.reporting.window_index import Progress
from monitoring.windows.summary import Summary

ALERTS_SHOWN: Final = 40


@dataclass(frozen=True)
class Sources:
    """Asked from threads of the pages.

    Attributes:
        summaries: the latest windows, newest first; `progress` is what is carried between them.
        now, letters, steps: see `monitoring.live.live.Live`.
        run_page: address of MLflow's page on the run of a version; None if there is none.
        answer: publishes a record and waits for its answer, see `monitoring.pages.trial.Trial`.
        alive: whether the main loop turns.
        reports: folder of Evidently's reports.
    """

    summaries: Callable[[], list[Summary]]
    progress: Callable[[], Progress]
    now: Callable[[], Now]
    letters: Callable[[], list[Letter]]
    steps: Callable[[], list[LifecycleEvent]]
    run_page: Callable[[str], str | None]
    answer: Callable[[Given], Answer]
    alive: Callable[[], bool]
    registry: CollectorRegistry
    reports: Path

    def parts(self) -> Parts:
        """All that the page shows; a part for each window, for most of them stay as they are."""
        progress = self.progress()
        return {
            "now": self.now(),
            **{f"window:{each.start}": each for each in reversed(self.summaries())},
            "alerts": {
                "open": progress.episodes,
                "latest": progress.alerts[-ALERTS_SHOWN:],
            },
            "steps": self.steps(),
            "letters": self.letters(),
        }
