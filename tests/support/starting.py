"""Detects tests that start a broker or another process, which `make test-fast` leaves out."""

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

STARTED: Final = {
    "kafka",
    "trained_home",
    "prefect_home",
    "cluster",
    "browser",
    "reader",
    "server",
    "freezer",
}
"""Fixtures that start a process."""

PROCESS_PATTERN: Final = re.compile(
    r"\bsubprocess\b|\bsys\.executable\b|multiprocessing|LocalBroker|\bsays_nothing\("
    r"|\bstart\(|\brun\(|\bmonitoring\(|\bFleet\b|\bManagedProcess\b"
    r"|promtool|amtool|\bfailure\(|\bstack\(|\bprogram\(|\bfits\(|\blocked_folder\b"
    r"|\bload_initial_model\b|\bModelLoader\("
    r"|\b(intent|worker|monitoring|stack|child|training)_process(es)?\(|\brun_failing_worker\("
    r"|\b(start|run)_(command|unchecked|stage|worker|monitoring|simulator|training)\("
    r"|\b(start|run)_dead_letters_command\("
    r"|\bserver\(|\bcommands\(|\btrain_and_promote\("
)
"""Source text of a module whose tests may start a process."""

ALLOWED_PROGRAM: Final = "lscpu"
"""joblib counts the cores with it."""

EVENTS: Final = ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec")


def starts(item: pytest.Item) -> bool:
    """Whether the test may start a process."""
    return bool(STARTED & {*getattr(item, "fixturenames", ())}) or may_start(item.path)


def forbid() -> None:
    """Makes every later start of a process raise."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS and ALLOWED_PROGRAM not in map(str, arguments):
        raise RuntimeError(
            "this test starts a process: add its pattern to tests/support/starting.py, so that "
            "`make test-fast` leaves it out"
        )


@cache
def may_start(module: Path) -> bool:
    """Whether tests of the module may start a process, as far as its text says."""
    return PROCESS_PATTERN.search(module.read_text(encoding="utf-8")) is not None
