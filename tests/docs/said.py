"""What a page says of its commands, beside what came of them."""

import json
import re
from subprocess import CompletedProcess
from typing import Any

from tests.docs.blocks import Block


def check(block: Block, done: "CompletedProcess[str]") -> None:
    """Fails unless it came as the page says; `error: ...` is said of commands that must fail."""
    must_fail = block.output.startswith("error: ")
    assert (done.returncode != 0) == must_fail, f"{block.place}: {done.stdout}\n{done.stderr}"
    if block.output.startswith("{"):
        assert keys(json.loads(block.output)) == keys(json.loads(done.stdout.splitlines()[-1]))
    else:
        text = done.stderr if must_fail else done.stdout
        printed = [shape(line) for line in text.splitlines()]
        missing = [line for line in block.output.splitlines() if not is_among(line, printed)]
        assert not missing, f"{block.place}: {text}"


def shape(line: str) -> str:
    """A line without its figures, ids and paths, which are others each time."""
    return " ".join(re.sub(r"[0-9a-f]{7,}|[-+]?\d[\d,.:]*", "#", line).split())


def is_among(line: str, printed: list[str]) -> bool:
    """Whether one was printed like it; `...` stands for what the page leaves out, if any."""
    like = ".*".join(map(re.escape, re.split(r" ?\.\.\.", shape(line))))
    return any(re.fullmatch(like, each) for each in printed)


def keys(found: Any) -> Any:
    """The names in a JSON value."""
    return {name: keys(value) for name, value in found.items()} if isinstance(found, dict) else ()
