"""Monitoring's /windows.json -> the closed windows."""

import msgspec

from intent.local.http import get


class Column(msgspec.Struct, frozen=True):
    """How far a column is from the reference, in standard deviations; whether that is drift."""

    effect_size: float | None
    drifted: bool


class Window(msgspec.Struct, frozen=True):
    """A closed window: what we show of monitoring's summary. Times in milliseconds since the epoch.

    Attributes:
        rows: customer records in it that fit the contract.
        result: whether there is a report, or why there is none.
        labelled_rows: Rows with an outcome so far; the accuracy is theirs.
        report: its file name.
    """

    start: int
    end: int
    rows: int
    result: str
    columns: dict[str, Column] = {}
    labelled_rows: int = 0
    accuracy: float | None = None
    report: str | None = None


def windows(host: str, port: int, token: str = "") -> list[Window]:
    """The closed windows, newest first; none while nobody answers."""
    body = get(host, port, "/windows.json", token=token)
    return msgspec.json.decode(body, type=list[Window]) if body else []
