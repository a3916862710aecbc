"""A broker whose virtual machine has compiled what it runs: until then that competes for a core."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil

log = logging.getLogger(__name__)

WARM: Final = 0.02
"""Share of a core that the broker's compiler takes at most once the broker is warm."""

MOST: Final = 15
"""How often it is given something to do to get there."""

COMPILERS: Final = ("C1 Compiler", "C2 Compiler")
"""What the names of its threads begin with."""


def warm_up(broker: int, work: Callable[[], object]) -> None:
    """Has the broker, a process id, do the work until its compiler is nearly idle meanwhile."""
    for _ in range(MOST):
        before, since = _compiling(broker), time.monotonic()
        work()
        share = (_compiling(broker) - before) / (time.monotonic() - since)
        log.info("the broker's compiler takes %.1f %% of a core", 100 * share)
        if share < WARM:
            return


def _compiling(pid: int) -> float:
    """Seconds of processor time that a Java process has spent on compiling so far.

    Zero where the system does not tell the names of threads.
    """
    tasks = Path(f"/proc/{pid}/task")
    return sum(
        thread.user_time + thread.system_time
        for thread in psutil.Process(pid).threads()
        if _name(tasks / str(thread.id) / "comm").startswith(COMPILERS)
    )


def _name(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:  # no such system, or a thread that has ended
        return ""
