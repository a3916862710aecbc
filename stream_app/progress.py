"""How old the oldest unfinished work of a worker is. Pure; written by one thread, read by any."""

import time
from collections.abc import Callable
from typing import Final

IDLE: Final = 5.0
"""Seconds without a record after which batches that had to be read again are another worker's."""


class Progress:
    """Tells a stuck worker from an idle one.

    Work is unfinished from the take of a batch to its commit: a batch that is aborted and read
    again keeps its age. A turn of the loop that takes batches is work too, so that a blocked loop
    shows even where no batch is in hand.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = clock()
        self._batches: tuple[float, ...] = ()
        self._again: float | None = None
        self._empty: float | None = None

    def turn(self) -> None:
        """The loop begins a turn."""
        self._turn = self._clock()

    def taken(self) -> None:
        """A batch was taken."""
        self._empty = None
        self._batches = (*self._batches, self._clock())

    def nothing_there(self) -> None:
        """There was no record to take."""
        now = self._clock()
        self._empty = now if self._empty is None else self._empty
        if now - self._empty >= IDLE:
            self._again = None

    def committed(self) -> None:
        """The oldest batch is finished."""
        self._batches = self._batches[1:]
        self._again = None

    def rewound(self) -> None:
        """All batches in hand will be read again."""
        self._again = self._oldest()
        self._batches = ()

    @property
    def seconds(self) -> float:
        """Age of the oldest unfinished batch, or of the loop's present turn."""
        oldest = self._oldest()
        return self._clock() - (self._turn if oldest is None else min(oldest, self._turn))

    def _oldest(self) -> float | None:
        return min((*self._batches, self._again), default=None, key=_last_if_none)


def _last_if_none(at: float | None) -> float:
    return float("inf") if at is None else at
