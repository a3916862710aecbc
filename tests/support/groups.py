"""Groups of tests that run in the same pytest worker, and the order of groups.

pytest-xdist's own groups (`--dist loadgroup`) fail with pytest 9.2: they are written into node ids,
which are read-only there. So a worker writes the group of each test to a file for our scheduler.
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
"""Slow fixture -> group of all tests that use it."""

STACKS: Final = {
    "docs": ("tests/docs/test_commands.py", "tests/examples/test_schema_tutorial.py"),
    "page": ("tests/monitoring/page", "tests/intent/local/test_stack.py"),
}
"""Group -> tests that start a whole stack. A stack is slow to start, so those that share one share
a worker; two groups of half the length end sooner than one."""

LONGEST: Final = (
    *STACKS,
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
"""Groups, files and folders, the longest first, so that a run ends with short tests."""


def group(item: pytest.Item) -> str | None:
    """Group of a test: that of a slow fixture, its module if that has module fixtures, or None."""
    for stack, tests in STACKS.items():
        if item.nodeid.startswith(tests):
            return stack
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
    """Schedules each group on one worker, and other tests on any free one."""

    groups_file: Path

    @cached_property
    def groups(self) -> dict[str, str]:
        """Group by test id, once the workers have collected the tests."""
        groups: dict[str, str] = json.loads(self.groups_file.read_text(encoding="utf-8"))
        return groups

    def _split_scope(self, nodeid: str) -> str:
        return self.groups.get(nodeid, nodeid)


def write(items: Sequence[pytest.Item], to: Path) -> None:
    """Writes the groups to a file, for the scheduler."""
    found = {item.nodeid: name for item in items if (name := group(item))}
    to.write_text(json.dumps(found), encoding="utf-8")


def weight(item: pytest.Item) -> int:
    """Higher for tests that are expected to take longer."""
    name = group(item) or item.nodeid
    places = [place for place, each in enumerate(LONGEST) if name.startswith(each)]
    return len(LONGEST) - min(places, default=len(LONGEST))
