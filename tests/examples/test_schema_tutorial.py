"""The tutorial on a schema of your own runs from top to bottom."""

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.docs.blocks import ROOT, blocks_of_page
from tests.docs.expected_output import check
from tests.docs.reader import (
    Reader,
    clone_project,
    demo_environment,
    demo_ports,
    second_terminal_environment,
)
from tests.docs.skipped_commands import PUMPS, SKIPPED
from tests.support.builders import eventually
from tests.support.stacks import START_TIMEOUT

PAGE = "docs/tutorial-own-schema.md"
BLOCKS = [*blocks_of_page(PAGE, ROOT.joinpath(PAGE).read_text("utf-8"))]
CLASSES = ("none", "clean", "replace")

DEMO = {
    "RETRAIN_ENABLED": "false",
    "RECORDS": "15000",
    "RATE": "250",
    "DRIFT_START": "15",
    "DRIFT_RAMP": "0",
}
"""A run of a minute with drift, beside which the other commands run."""


def test_commands_that_other_tests_leave_to_this_page_are_on_it() -> None:
    left = {command for command, why in SKIPPED.items() if why == PUMPS}
    assert left <= {command for block in BLOCKS for command in block.commands}


@pytest.mark.long
def test_page_runs_from_top_to_bottom_with_the_output_shown(tmp_path: Path) -> None:
    clone, ports = clone_project(tmp_path), demo_ports()
    shell, beside = (
        Reader(clone, env, {})
        for env in (demo_environment(DEMO, ports), second_terminal_environment(clone, ports))
    )
    log = tmp_path / "demo.log"
    exported: list[str] = []
    with ExitStack() as stack:
        for block in BLOCKS:
            commands = [*exported, *block.commands]
            if "make demo" in block.commands:
                demo = stack.enter_context(shell.start(commands, log))
                await_traffic(demo, log)
                shell = beside
            else:
                done = shell.run(commands)
                check(block, done)
                if block.output.startswith("{"):
                    assert answer(done.stdout) == answer(block.output)
            exported += [each for each in block.commands if each.startswith("export ")]
        assert demo.wait(START_TIMEOUT) == 0, log.read_text()
    assert "complete: every record has exactly one prediction or dead letter" in log.read_text()
    assert clone.joinpath("examples/pumps/released/customers.json").is_file()

    home = clone / ".intent" / "pump-maintenance"
    for made in ("schemas/customers.json", "dashboards/model.json"):
        assert "vibration" in home.joinpath(made).read_text()
    see_windows(home / "reports")


def await_traffic(demo: "subprocess.Popen[bytes]", log: Path) -> None:
    eventually(lambda: demo.poll() is not None or "scored" in log.read_text(), START_TIMEOUT)
    assert demo.poll() is None, log.read_text()


def answer(printed: str) -> tuple[str, float]:
    """The class in the last line, and its probability."""
    printed_value = json.loads(printed.splitlines()[-1])["value"]
    return printed_value["prediction"], round(printed_value["probability"], 3)


def see_windows(reports: Path) -> None:
    """They were judged, found to drift, and reported."""
    lines = reports.joinpath("windows.jsonl").read_bytes().splitlines()
    windows: list[dict[str, Any]] = [msgspec.json.decode(line)["summary"] for line in lines]
    judged = [each for each in windows if each["confusion_matrix"]]
    assert judged
    assert all(
        each["labelled_rows"] == sum(map(sum, each["confusion_matrix"]["counts"]))
        for each in judged
    )
    assert all(len(each["confusion_matrix"]["counts"]) == len(CLASSES) for each in judged)
    assert max(each["accuracy"] for each in judged) > 0.6
    drifted = [each for each in windows if each["columns"].get("age", {}).get("drifted")]
    assert drifted
    assert all(each["columns"]["age"]["effect_size"] > 0.2 for each in drifted[-1:])
    assert all((reports / each["report"]).is_file() for each in windows if each.get("report"))
