"""Which tests run in the same worker, one after the other, and which of them begin first.

pytest-xdist's own groups (`--dist loadgroup`) are none under pytest 9.2: it writes them into ids
that are read-only there. So a worker writes down the group of each test for our scheduler.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARED: Final = {
    "prefect": "prefect",
    "server": "prefect",
    "cluster": "cluster",
    "fitted": "fitted",
}
"""Fixture that takes long to make -> the group of all tests that use it, in whatever module."""

STACKS: Final = "stacks"

RUN_A_STACK: Final = (
    "tests/docs/test_commands.py",
    "tests/examples",
    "tests/intent/local/test_stack.py",
    "tests/monitoring/page",
)
"""Tests with a whole stack of processes. Two stacks at once are too much for two cores, so all of
these run in one worker."""

LONGEST: Final = (
    STACKS,
    "prefect",
    "tests/training/test_serve.py",
    "tests/stream_app/models/test_reload.py",
    "cluster",
    "tests/security",
    "tests/monitoring",
    "tests/stream_app",
    "tests/deploy",
    "tests/intent/local",
    "tests/training",
    "tests/intent/cli",
)
"""Groups, files and folders, the longest first: a run ends with what is short."""


def group(item: pytest.Item) -> str | None:
    """Its group: the module's, where that makes something for all of its tests; or None."""
    if item.nodeid.startswith(RUN_A_STACK):
        return STACKS
    names: list[str] = getattr(item, "fixturenames", [])
    shared = [SHARED[name] for name in names if name in SHARED]
    if shared:
        return shared[0]
    made = item.session._fixturemanager.getfixturedefs
    module = item.nodeid.partition("::")[0]
    found = (made(name, item) for name in names)
    scopes = {each[-1].scope for each in found if each and each[-1].baseid == module}
    return module if scopes - {"function"} else None


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # the library has few types
    """Gives each group to one worker, and each test without one to whoever is free."""

    groups_file: Path

    @cached_property
    def groups(self) -> dict[str, str]:
        """Of each test's id, once the workers have collected them."""
        groups: dict[str, str] = json.loads(self.groups_file.read_text(encoding="utf-8"))
        return groups

    def _split_scope(self, nodeid: str) -> str:
        return self.groups.get(nodeid, nodeid)


def write(items: Sequence[pytest.Item], to: Path) -> None:
    """Writes down the groups, for the scheduler."""
    found = {item.nodeid: name for item in items if (name := group(item))}
    to.write_text(json.dumps(found), encoding="utf-8")


def weight(item: pytest.Item) -> int:
    """The more, the longer it probably takes."""
    name = group(item) or item.nodeid
    places = [place for place, each in enumerate(LONGEST) if name.startswith(each)]
    return len(LONGEST) - min(places, default=len(LONGEST))
