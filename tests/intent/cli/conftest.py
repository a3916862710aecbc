"""`intent` in this process: quick, and its faults are seen where they arise."""

import logging
import os
import signal
from collections.abc import Iterator, Mapping

import pytest
from click.testing import CliRunner, Result

from contract.settings import Settings
from intent.cli.tree import intent
from tests.support.builders import environment
from tests.support.fixtures import Intent


@pytest.fixture
def command() -> Iterator[Intent]:
    """`command("produce", "-", input=b"...", settings=...)`. What it changes here is put back."""
    variables = dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    root = logging.getLogger()
    loggers, level = root.handlers[:], root.level

    def run(
        *arguments: str,
        settings: Settings | None = None,
        env: Mapping[str, str] | None = None,
        input: bytes | None = None,  # noqa: A002  as the runner calls it
    ) -> Result:
        given = {**(environment(settings) if settings else {}), **(env or {})}
        return CliRunner().invoke(intent, arguments, input=input, env=given, prog_name="intent")

    yield run
    os.environ.clear()
    os.environ.update(variables)
    root.handlers[:] = loggers
    root.setLevel(level)
    for number, handler in handlers.items():
        signal.signal(number, handler)
