"""Warms up a broker until its virtual machine has compiled what it runs, which takes a core."""

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

COMPILER_SHARE: Final = 0.02
"""Share of a core below which the broker's compiler counts as idle."""

MAX_ROUNDS: Final = 15
"""Maximum number of rounds of work for a warm-up."""

COMPILERS: Final = ("C1 Compiler", "C2 Compiler")
"""Prefixes of the names of its threads."""


def warm_up(broker: int, work: Callable[[], object]) -> None:
    """Repeats the work until the compiler of the broker (a process id) is nearly idle meanwhile."""
    for _ in range(MAX_ROUNDS):
        before, since = _compiling(broker), time.monotonic()
        work()
        share = (_compiling(broker) - before) / (time.monotonic() - since)
        log.info("warming up: compiler_percent=%.1f", 100 * share)
        if share < COMPILER_SHARE:
            return


@contextmanager
def limit_compiler(broker: int) -> Iterator[None]:
    """Lets the broker's compiler use only idle cores.

    A warm broker still compiles something every few seconds, for 20 ms of a core, until it has run
    for hours. Does nothing for a user who could not restore the priority.
    """
    compilers = [thread.id for thread in _compilers(broker)] if _can_restore() else []
    for each in compilers:
        os.sched_setscheduler(each, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield
    finally:
        for each in compilers:
            with suppress(ProcessLookupError):  # the broker has ended an idle compiler thread
                os.sched_setscheduler(each, os.SCHED_OTHER, os.sched_param(0))


def _can_restore() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


def _compiling(pid: int) -> float:
    """Processor seconds that a Java process has spent on compiling; 0 if threads have no names."""
    return float(sum(thread.user_time + thread.system_time for thread in _compilers(pid)))


def _compilers(pid: int) -> list[Any]:
    """The compiler threads of a Java process."""
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
