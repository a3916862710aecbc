"""Why a model is trained: what its run is tagged with, and what a trace of a prediction ends in."""

from dataclasses import dataclass
from typing import Final, Literal

PREFIX: Final = "cause."
RUN: Final = "cause.run"
"""Tag of a version: the Prefect run that made it."""
REQUESTS: Final = "cause.requests"
"""Tag of a version: the names of the requests for that run, a line each."""


@dataclass(frozen=True)
class Cause:
    """Why.

    Attributes:
        kind: the schedule, an alert of drift, or a person's command.
        episode: the alert's episode; None for other kinds.
        words: for people.
        requests: the names of all requests that the training is for; none of the schedule.
        run: Prefect's.
    """

    kind: Literal["schedule", "alert", "person"]
    episode: str | None = None
    words: str = ""
    requests: tuple[str, ...] = ()
    run: str | None = None

    def tags(self) -> dict[str, str]:
        """The cause as tags; what there is none of is left out."""
        told = {
            f"{PREFIX}kind": self.kind,
            f"{PREFIX}episode": self.episode,
            f"{PREFIX}words": self.words,
            REQUESTS: "\n".join(self.requests),
            RUN: self.run,
        }
        return {name: words for name, words in told.items() if words}
