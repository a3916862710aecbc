"""A program that ends before its main function prints one line or nothing, and no traceback."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAMS = ("intent.cli", "stream_app", "monitoring", "training", "producers", "contract")

KILOBYTE = 1024


def limited(kind: int, limit: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (limit, limit))


@pytest.mark.parametrize("module", PROGRAMS)
@pytest.mark.parametrize(
    ("kind", "limit", "output"),
    [
        (resource.RLIMIT_AS, 700_000 * KILOBYTE, "address space in kB (ulimit -v) is 700000"),
        (resource.RLIMIT_NOFILE, 40, "open files (ulimit -n) is 40"),
    ],
)
def test_a_limit_that_is_too_low_is_one_line(
    module: str, kind: int, limit: int, output: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module],
        capture_output=True,
        check=False,
        text=True,
        preexec_fn=limited(kind, limit),
    )
    assert done.returncode == 16
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert output in done.stderr


def test_a_closed_standard_stream_is_dev_null() -> None:
    """Otherwise a file that is opened later is standard output to a library."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, contract.startup\n"
            "print(sys.stdin.buffer.read())\n"
            "sys.stdout.flush()\n"
            "sys.exit(10 + open('/dev/null').fileno())",
        ],
        check=False,
        preexec_fn=lambda: os.closerange(0, 3),
    )
    assert done.returncode == 13


@pytest.mark.parametrize("module", PROGRAMS)
def test_ctrl_c_during_imports_prints_nothing(module: str, tmp_path: Path) -> None:
    """The first library that a program imports interrupts it."""
    (tmp_path / "pydantic.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    (tmp_path / "click.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    done = subprocess.run(
        [sys.executable, "-m", module],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
