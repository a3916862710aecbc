"""Where a reader begins, as it is written on a command line. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

MEANINGS: Final = (
    "beginning, end, an offset, a time (2026-01-31T12:00) or how long ago (30s, 10m, 2h, 1d)"
)

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True)
class Start:
    """A place in every partition; `number` is an offset, or a time in ms since the epoch."""

    at: Literal["beginning", "end", "offset", "time"]
    number: int = 0


def start_of(text: str, now: float) -> Start:
    """What the text means, `now` in seconds since the epoch. Raises `ValueError` that says how.

    A time without a zone is UTC.
    """
    if text == "beginning":
        return Start("beginning")
    if text == "end":
        return Start("end")
    if text.isdecimal():
        return Start("offset", int(text))
    ago = re.fullmatch(r"(\d+)([smhd])", text)
    if ago:
        return Start("time", max(0, round(1000 * (now - int(ago[1]) * _UNITS[ago[2]]))))
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is none of: {MEANINGS}") from None
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if seconds > now:
        present = datetime.fromtimestamp(now, UTC)
        raise ValueError(f"{text!r} has not come yet: it is {present:%Y-%m-%dT%H:%M:%SZ}")
    return Start("time", max(0, round(1000 * seconds)))
