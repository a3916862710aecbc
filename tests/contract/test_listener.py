"""The limits of a process's files and of its log lines."""

import logging
import subprocess
import sys

from contract.log_limit import RepeatLimit

PROGRAM = """
import resource
from contract import listener
from contract.process import run
run(lambda: print(*resource.getrlimit(resource.RLIMIT_NOFILE), listener.max_connections()))
"""


def test_a_process_may_open_as_many_files_as_the_system_lets_it() -> None:
    limited = ["bash", "-c", 'ulimit -Sn 100; ulimit -Hn 400; exec "$@"', "bash"]
    done = subprocess.run(
        [*limited, sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["400", "400", "100"]


def test_a_line_that_repeats_is_written_a_few_times_and_then_counted() -> None:
    now = 0.0
    limit = RepeatLimit(max_lines=2, per_seconds=60, clock=lambda: now)

    def written(template: str) -> str | None:
        record = logging.LogRecord("asyncio", logging.ERROR, __file__, 1, template, ("x",), None)
        return record.getMessage() if limit.filter(record) else None

    assert [written("accept failed: %s") for _ in range(4)] == ["accept failed: x"] * 2 + [None] * 2
    assert written("other: %s") == "other: x"
    now = 60.0
    assert written("accept failed: %s") == "accept failed: x (2 more such lines were not written)"
    now = 120.0
    assert written("accept failed: %s") == "accept failed: x"
