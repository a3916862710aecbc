"""Which settings there are in all stages: a name that is none of them is a slip of the pen.

A stage knows its own settings alone, but shares its environment and its file with the others. So
the list is made by `make reference`, from all of them.
"""

import difflib
from collections.abc import Iterable, Iterator, Set
from functools import cache
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).with_name("setting_names.txt")
ENVIRONMENT_ALONE: Final = {
    "config": "File of settings; `intent.toml` in the working folder if there is one.",
    "debug": "1 shows the traceback of every fault, not only its line.",
}
"""What only a variable can say."""
ELSEWHERE: Final = ("test_", "bench_")
"""How the names begin of what the tests and the benchmarks are told."""


@cache
def known() -> Set[str]:
    """Every stage's settings, in lower case, without the prefix."""
    return frozenset(LIST.read_text(encoding="ascii").split())


def strangers(names: Iterable[str], also: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Those of the names that nobody reads, each with the one that may be meant, or nothing."""
    read = known() | set(also)
    for name in names:
        if name not in read and not name.startswith(ELSEWHERE):
            near = difflib.get_close_matches(name, read, n=1)
            yield name, near[0] if near else ""
