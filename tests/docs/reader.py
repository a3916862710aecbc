"""Runs the commands of pages as a reader would: in a clone, beside a running demo."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.schema import CARS
from contract.settings import PREFIX
from tests.docs.blocks import ROOT
from tests.docs.warm_shell import warm_intent
from tests.support.builders import eventually, intent_process
from tests.support.ports import free_ports
from tests.support.stacks import START_TIMEOUT

IGNORED: Final = shutil.ignore_patterns(
    ".git", ".venv*", ".intent", ".cache", ".*_cache", "__pycache__"
)

READY_FILE: Final = "ready"
"""File that tells make that the environment is set up."""

DEMO: Final = {
    "RETRAIN_ENABLED": "false",  # training/test_serve.py and `make loop` are about that
    # few records and windows, so that the commands beside it have the cores
    "RATE": "20",
    "WINDOW_SECONDS": "20",
    "INVALID_RATIO": "0.02",  # fewer than a replay of all may have before the scorer stops
    "DRIFT_START": "5",
    "DRIFT_RAMP": "0",
}
"""A short demo: after a minute there are dead letters, windows and an alert."""

PRINTED_AT_END: Final = 2_000
"""Characters of a demo's output that tell how it ended."""

PORTS: Final = ("BROKER_PORT", "SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT")

EXAMPLE_ADDRESSES: Final = {
    "127.0.0.1:8001": "SCORER_PORT",
    "127.0.0.1:8002": "MONITORING_PORT",
    "kafka:9092": "BROKER_PORT",
}
"""Addresses on the pages, with the setting of their port."""

EXAMPLE_FILES: Final = {
    "customers.csv": "Gender,Age,AnnualSalary\nFemale,31,58000\nMale,52,91000\n",
    "customers.jsonl": '{"Gender": "Male", "Age": 44, "AnnualSalary": 70000}\n',
    "outcomes.jsonl": '{"id": "a-customer", "Purchased": 1}\n',
    "prod.toml": "partitions = 8\n",
    "shop.toml": """
name = "shop"
dataset = "shop.csv"
prediction_fields = ["age", "city"]
[[columns]]
name = "age"
range = [0, 120]
[[columns]]
name = "city"
categories = ["Rome", "Oslo"]
[target]
name = "bought"
classes = [0, 1]
[mapping]
id = "key"
event_time = "header:created-at"
age = "/customer/profile/age"
""",
}
"""Files that the pages expect a reader to have."""


@dataclass
class Reader:
    """A terminal in the clone.

    Attributes:
        folder: The clone.
        env: Environment variables of the terminal.
        substitutions: Addresses and ids on the pages, with their values in this run.
    """

    folder: Path
    env: dict[str, str]
    substitutions: dict[str, str]

    def run(self, commands: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Runs the commands in one shell, until one fails."""
        text = "\n".join(commands)
        for example, own in self.substitutions.items():
            text = text.replace(example, own)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],  # noqa: S607
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=START_TIMEOUT,
        )

    @contextmanager
    def start(self, commands: Sequence[str], printed: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """Runs the commands in the background, with their output in a file."""
        with (
            printed.open("w") as log,
            subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],  # noqa: S607
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as shell,
        ):
            try:
                yield shell
            finally:
                if shell.poll() is None:
                    os.killpg(shell.pid, signal.SIGINT)

    def output_of(self, command: str) -> str:
        """Standard output of the command."""
        return self.run([command]).stdout.strip()


def clone_project(folder: Path) -> Path:
    """Copies the project, with a virtual environment that is set up."""
    clone = folder / "intent-stream"
    shutil.copytree(ROOT, clone, ignore=IGNORED)
    environment = clone / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != READY_FILE:
            environment.joinpath(part.name).symlink_to(part)
    environment.joinpath(
        READY_FILE
    ).touch()  # or make would set up the one that all of this runs in
    return clone


def _own_scripts(clone: Path) -> Path:
    """Gives the clone's environment a folder of scripts; returns the place of `intent` in it."""
    scripts = clone / ".venv" / "bin"
    shared = scripts.resolve()
    scripts.unlink()
    scripts.mkdir()
    for each in shared.iterdir():
        if each.name != "intent":
            scripts.joinpath(each.name).symlink_to(each)
    return scripts / "intent"


def demo_ports() -> dict[str, str]:
    """Free ports for a demo."""
    return dict(zip(PORTS, map(str, free_ports("127.0.0.1", len(PORTS))), strict=True))


def demo_environment(demo: Mapping[str, str], ports: Mapping[str, str]) -> dict[str, str]:
    """Environment of the terminal that starts the demo."""
    return {
        **_clean_environment(),
        **{f"{PREFIX}{name}": value for name, value in {**demo, **ports}.items()},
    }


def second_terminal_environment(clone: Path, ports: Mapping[str, str]) -> dict[str, str]:
    """Environment of a terminal beside the demo; its simulator has a port of its own."""
    (other,) = free_ports("127.0.0.1", 1)
    own, home = _clean_environment(), clone.with_name("home")
    home.joinpath(".config/fish/completions").mkdir(parents=True)
    return {
        **own,
        "HOME": str(home),
        "PATH": os.pathsep.join([str(clone / ".venv" / "bin"), own["PATH"]]),
        "INTENT_KAFKA_BOOTSTRAP": f"127.0.0.1:{ports['BROKER_PORT']}",
        "INTENT_SIMULATOR_PORT": str(other),
    }


@contextmanager
def reading(folder: Path) -> Iterator[Reader]:
    """A reader beside a demo with alerts; at the end Ctrl-C must end the demo with 0.

    Only an `intent` of an activated environment, or with variables for Python, starts cold.
    """
    clone = clone_project(folder)
    shutil.copy(CARS.dataset, clone / "mine.csv")
    for name, text in EXAMPLE_FILES.items():
        (clone / name).write_text(text)
    ports = demo_ports()
    with warm_intent(_own_scripts(clone)), _demo(clone, demo_environment(DEMO, ports)):
        reader = Reader(clone, second_terminal_environment(clone, ports), {})
        for example, port in EXAMPLE_ADDRESSES.items():
            reader.substitutions[example] = f"127.0.0.1:{ports[port]}"
        eventually(
            lambda: reader.output_of("intent consume alerts --last 1"), START_TIMEOUT, every=2
        )
        newest = "intent consume predictions --last 1 --json"
        reader.substitutions["sim-19a-17"] = reader.output_of(f"{newest} | jq -r .value.id")
        yield reader


@contextmanager
def _demo(clone: Path, env: dict[str, str]) -> Iterator[None]:
    printed = clone.with_name("demo.log")
    with (
        printed.open("w") as log,
        intent_process("up", env=env, cwd=clone, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        at_work = lambda: process.poll() is not None or "scored" in printed.read_text()  # noqa: E731
        eventually(at_work, START_TIMEOUT)
        assert process.poll() is None, printed.read_text()
        yield
        os.killpg(process.pid, signal.SIGINT)
        code = process.wait(90)
        assert code == 0, f"exit code {code}; {printed.read_text()[-PRINTED_AT_END:]}"


def _clean_environment() -> dict[str, str]:
    """Environment variables without settings of ours."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    if "INTENT_CACHE_DIR" in os.environ:
        own["INTENT_CACHE_DIR"] = os.environ["INTENT_CACHE_DIR"]
    return own
