"""Tells the tests that start a broker or another process from those that `make test-fast` runs."""

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
"""Fixtures that are, or need, a process."""

WORDS: Final = re.compile(
    r"\bsubprocess\b|\bsys\.executable\b|multiprocessing|LocalBroker|\bsays_nothing\("
    r"|\bjob\(|\bstart\(|\brun\(|\bworker\(|\bmonitoring\(|\bFleet\b|\bChild\b|promtool|amtool"
    r"|\bfailure\(|\bstack\(|\bprogram\(|\bfits\(|load_champion|\bchildren\(|OwnServer|\blocked_folder\b"
    r"|\bserver\(|\bcommands\(|\bLoading\(|\btrain_and_promote\("
)
"""Of a module, any of whose tests may start one."""

CORES: Final = "lscpu"
"""Program by which joblib counts the cores: over at once."""

EVENTS: Final = ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec")


def starts(item: pytest.Item) -> bool:
    """Whether the test may start a process."""
    return bool(STARTED & {*getattr(item, "fixturenames", ())}) or _may_start(item.path)


def forbid() -> None:
    """From now on, whatever starts a process raises."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS and CORES not in map(str, arguments):
        raise RuntimeError(
            "this test starts a process: have tests.support.starting know it, so that it is no "
            "part of `make test-fast`"
        )


@cache
def _may_start(module: Path) -> bool:
    return WORDS.search(module.read_text(encoding="utf-8")) is not None
