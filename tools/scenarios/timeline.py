"""Moments in the order in which they were waited for, and the words for them. Pure."""

from dataclasses import dataclass
from typing import Final

import msgspec

from intent.local.windows import Window


class Moment(msgspec.Struct, frozen=True):
    """Something that happened, at a time in ms."""

    scene: str
    name: str
    at: int
    words: str = ""


class Told(msgspec.Struct, frozen=True):
    """A whole performance: its moments, and the windows that closed meanwhile."""

    moments: list[Moment]
    windows: list[Window]


@dataclass(frozen=True)
class Dip:
    """How accuracy fell: what it was, and the least that it came to."""

    usual: float
    least: float

    @property
    def half_way(self) -> float:
        """Where half of the loss is made good."""
        return (self.usual + self.least) / 2


LEAST_LABELLED: Final = 0.5
"""Share of its rows whose outcome must be known for a window's accuracy to count."""

FELL_BY: Final = 0.04


def judged(windows: list[Window]) -> list[Window]:
    """The windows whose accuracy counts, the oldest first."""
    return sorted(
        (
            each
            for each in windows
            if each.accuracy is not None and each.labelled_rows >= LEAST_LABELLED * each.rows
        ),
        key=lambda each: each.end,
    )


def usual(windows: list[Window], before: int) -> float | None:
    """Mean accuracy of the windows that ended before a time; None without any."""
    found = [each.accuracy for each in judged(windows) if each.end <= before and each.accuracy]
    return sum(found) / len(found) if found else None


def fallen(windows: list[Window], since: int) -> Window | None:
    """The first window from a time on whose accuracy is clearly below what it was before."""
    was = usual(windows, since)
    if was is None:
        return None
    return next(
        (
            each
            for each in judged(windows)
            if each.start >= since and (each.accuracy or 0) < was - FELL_BY
        ),
        None,
    )


def recovered(windows: list[Window], since: int, dip: Dip) -> Window | None:
    """The first window from a time on that has made good half of the loss."""
    return next(
        (
            each
            for each in judged(windows)
            if each.start >= since and (each.accuracy or 0) >= dip.half_way
        ),
        None,
    )


def least(windows: list[Window], since: int, until: int) -> float:
    """The lowest accuracy of the windows in an interval; 1 without any."""
    found = [each.accuracy for each in judged(windows) if since <= each.start < until]
    return min((each for each in found if each is not None), default=1.0)


def line(moment: Moment, began: int) -> str:
    """A moment, with its seconds since the beginning."""
    words = f": {moment.words}" if moment.words else ""
    return f"{(moment.at - began) / 1000:7.1f} s  {moment.name}{words}"
