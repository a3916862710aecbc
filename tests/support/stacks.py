"""Runs `intent up`."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.support.builders import intent_process

START_TIMEOUT = 540
"""Seconds; most of them are training and imports on a busy machine."""


@contextmanager
def stack_process(env: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with intent_process("up", *arguments, env=env, **streams) as process:
        yield process


def await_line(process: subprocess.Popen[str], text: str, within: float = START_TIMEOUT) -> None:
    """Reads the output until a line contains the text."""
    assert process.stdout
    ends_at, read = time.monotonic() + within, []
    for line in process.stdout:
        read.append(line)
        if text in line:
            return
        assert time.monotonic() < ends_at, "".join(read)
    raise AssertionError("".join(read))
