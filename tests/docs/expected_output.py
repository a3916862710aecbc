"""Compares what commands printed with what their page shows."""

import json
import re
from subprocess import CompletedProcess
from typing import Any

from tests.docs.blocks import Block


def check(block: Block, done: "CompletedProcess[str]") -> None:
    """Fails unless the output matches; commands with the output `error: ...` must fail."""
    must_fail = block.output.startswith("error: ")
    assert (done.returncode != 0) == must_fail, f"{block.place}: {done.stdout}\n{done.stderr}"
    if block.output.startswith("{"):
        assert keys(json.loads(block.output)) == keys(json.loads(done.stdout.splitlines()[-1]))
    else:
        text = done.stderr if must_fail else done.stdout
        printed = [without_figures(line) for line in text.splitlines()]
        missing = [line for line in block.output.splitlines() if not is_printed(line, printed)]
        assert not missing, f"{block.place}: {text}"


def without_figures(line: str) -> str:
    """A line without numbers and hashes, which differ in each run."""
    return " ".join(re.sub(r"[0-9a-f]{7,}|[-+]?\d[\d,.:]*", "#", line).split())


def is_printed(line: str, printed: list[str]) -> bool:
    """Whether a printed line matches; `...` stands for any text."""
    like = ".*".join(map(re.escape, re.split(r" ?\.\.\.", without_figures(line))))
    return any(re.fullmatch(like, each) for each in printed)


def keys(value: Any) -> Any:
    """Nested keys of a JSON value."""
    if not isinstance(value, dict):
        return ()
    return {name: keys(inner) for name, inner in value.items()}
