"""The moments of a run in their order, and the accuracy around them. Pure."""

from dataclasses import dataclass
from typing import Final

import msgspec

from intent.local.status import WindowStatus


class Moment(msgspec.Struct, frozen=True):
    """Something that happened.

    Attributes:
        scenario: it belongs to.
        name: what happened.
        time: ms since the epoch.
        message: details, from its event.
    """

    scenario: str
    name: str
    time: int
    message: str = ""


class Timeline(msgspec.Struct, frozen=True):
    """All moments of a run, and the windows that closed meanwhile."""

    moments: list[Moment]
    windows: list[WindowStatus]


@dataclass(frozen=True)
class AccuracyDrop:
    """A drop in accuracy: its level before, and the lowest value."""

    before: float
    lowest: float

    @property
    def half_way(self) -> float:
        """Accuracy at which half of the loss is recovered."""
        return (self.before + self.lowest) / 2


MIN_LABELLED_RATIO: Final = 0.5
"""Share of a window's rows that must have an outcome for its accuracy to count."""

MIN_DROP: Final = 0.04
"""Drop in accuracy that counts as one."""


def labelled_windows(windows: list[WindowStatus]) -> list[WindowStatus]:
    """The windows whose accuracy counts, the oldest first."""
    return sorted(
        (
            window
            for window in windows
            if window.accuracy is not None
            and window.labelled_rows >= MIN_LABELLED_RATIO * window.rows
        ),
        key=lambda window: window.end,
    )


def mean_accuracy(windows: list[WindowStatus], before: int) -> float | None:
    """Mean accuracy of the windows that ended before a time; None without any."""
    values = [
        window.accuracy
        for window in labelled_windows(windows)
        if window.end <= before and window.accuracy
    ]
    return sum(values) / len(values) if values else None


def first_drop(windows: list[WindowStatus], since: int) -> WindowStatus | None:
    """The first window since a time whose accuracy is lower than before by `MIN_DROP`."""
    before = mean_accuracy(windows, since)
    if before is None:
        return None
    return next(
        (
            window
            for window in labelled_windows(windows)
            if window.start >= since and (window.accuracy or 0) < before - MIN_DROP
        ),
        None,
    )


def first_recovery(
    windows: list[WindowStatus], since: int, drop: AccuracyDrop
) -> WindowStatus | None:
    """The first window since a time that recovered half of the drop."""
    return next(
        (
            window
            for window in labelled_windows(windows)
            if window.start >= since and (window.accuracy or 0) >= drop.half_way
        ),
        None,
    )


def lowest_accuracy(windows: list[WindowStatus], since: int, until: int) -> float:
    """The lowest accuracy of the windows that start in an interval; 1 without any."""
    values = [
        window.accuracy for window in labelled_windows(windows) if since <= window.start < until
    ]
    return min((value for value in values if value is not None), default=1.0)


def format_moment(moment: Moment, start: int) -> str:
    """A moment as a line, with its seconds since `start`."""
    message = f": {moment.message}" if moment.message else ""
    return f"{(moment.time - start) / 1000:7.1f} s  {moment.name}{message}"
