"""How long a process that starts is waited for: as long as it works, and a limit beyond that."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

WORK: Final = 0.03
"""Share of one processor that a process uses which gets on; one that only waits uses less."""

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at what a process has used."""

_PROCESSES: Final = Path("/proc")


class Patience:
    """Ends after so many seconds in which the processes, and all of their sessions, did nothing.

    On a busy machine a start can take ten times as long as it usually does. Where the system does
    not say what a process has used (it has no /proc), the seconds count from the start.
    """

    def __init__(
        self,
        pids: Iterable[int],
        seconds: float,
        used: Callable[[frozenset[int]], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pids = frozenset(pids)
        self._seconds = seconds
        self._used = used or processor_seconds
        self._clock = clock
        self._known = 0.0
        self._since = self._looked = clock()

    def is_over(self) -> bool:
        """Whether they have done nothing for so long. Cheap enough to ask often."""
        now = self._clock()
        if now - self._looked < min(LOOK_EVERY, self._seconds):
            return False
        self._looked = now
        used = self._used(self._pids)
        if used - self._known > WORK * self._seconds:
            self._known, self._since = used, now
        return now - self._since >= self._seconds


def processor_seconds(pids: frozenset[int]) -> float:
    """What these processes, and those of the sessions that they lead, have used until now."""
    ticks = 0
    for folder in _PROCESSES.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(folder.name) in pids or int(fields[3]) in pids:
            ticks += sum(map(int, fields[11:15]))  # its own and that of children that ended
    return ticks / os.sysconf("SC_CLK_TCK")
