"""A broker whose virtual machine has compiled what it runs: until then that competes for a core."""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

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


@contextmanager
def kept_warm(broker: int) -> Iterator[None]:
    """Has the broker's compiler use only cores that nothing else wants.

    Once warm it still compiles something every few seconds, for 20 ms of one of our cores, as long
    as it has not run for hours. Does nothing where a user could not take that back.
    """
    compilers = [thread.id for thread in _compilers(broker)] if _may_go_back() else []
    for each in compilers:
        os.sched_setscheduler(each, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield
    finally:
        for each in compilers:
            with suppress(ProcessLookupError):  # it ends one that has had nothing to do
                os.sched_setscheduler(each, os.SCHED_OTHER, os.sched_param(0))


def _may_go_back() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


def _compiling(pid: int) -> float:
    """Seconds of processor time that a Java process has spent on compiling so far.

    Zero where the system does not tell the names of threads.
    """
    return float(sum(thread.user_time + thread.system_time for thread in _compilers(pid)))


def _compilers(pid: int) -> list[Any]:
    """The threads of a Java process that compile, as psutil tells them."""
    tasks = Path(f"/proc/{pid}/task")
    return [
        thread
        for thread in psutil.Process(pid).threads()
        if _name(tasks / str(thread.id) / "comm").startswith(COMPILERS)
    ]


def _name(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:  # no such system, or a thread that has ended
        return ""
