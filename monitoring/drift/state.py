"""What the drift rule carries from window to window: plain data, bounded, written by msgspec."""

import msgspec
from msgspec import Struct

from monitoring.drift.config import MEMORY


class Seen(Struct, frozen=True):
    """A window of a column: its start (ms), its rows, and the means of the column's traits."""

    start: int
    rows: int
    means: tuple[float, ...]


class ColumnState(Struct, frozen=True):
    """The latest windows of a column, the oldest first, and its episode if one is open.

    Attributes:
        since: start (ms) of the first window of the open episode's drift.
    """

    seen: tuple[Seen, ...] = ()
    since: int | None = None

    def saw(self, window: Seen) -> "ColumnState":
        """With the window, in place of the same one if it was seen before."""
        others = [each for each in self.seen if each.start != window.start]
        seen = sorted([*others, window], key=lambda each: each.start)
        return msgspec.structs.replace(self, seen=tuple(seen[-MEMORY:]))


class State(Struct, frozen=True):
    """All of it. `reference` tells which reference set the windows were measured for."""

    reference: str = ""
    columns: dict[str, ColumnState] = {}

    def newest(self, column: str) -> int | None:
        """Start (ms) of the newest window of a column: the one that its findings speak of."""
        known = self.columns.get(column)
        return known.seen[-1].start if known and known.seen else None

    def under(self, reference: str) -> "State":
        """For another reference the windows say nothing; episodes stay open until it is clean."""
        if reference == self.reference:
            return self
        columns = {name: ColumnState(since=column.since) for name, column in self.columns.items()}
        return State(reference, columns)


def encode(state: State) -> bytes:
    """The state as JSON."""
    return msgspec.json.encode(state)


def decode(written: bytes) -> State:
    """The state that was written. Raises `msgspec.DecodeError` where none was."""
    return msgspec.json.decode(written, type=State)
