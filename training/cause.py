"""Why a model is trained: what its run is tagged with, and what a trace of a prediction ends in."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Cause:
    """Why.

    Attributes:
        kind: the schedule, an alert of drift, or a person's command.
        episode: the alert's episode; None for other kinds.
        words: for people.
    """

    kind: Literal["schedule", "alert", "person"]
    episode: str | None = None
    words: str = ""
