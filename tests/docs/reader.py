"""Somebody who follows the pages: a clone of the project, a shell in it, and the demo that runs."""

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
from tests.support.builders import INTENT, eventually, intent_process
from tests.support.ports import free_ports
from tests.support.stacks import START_TIMEOUT

LEFT_OUT: Final = shutil.ignore_patterns(
    ".git", ".venv*", ".intent", ".cache", ".*_cache", "__pycache__"
)

READY: Final = "ready"
"""File by which make knows that the environment is set up."""

DEMO: Final = {
    "RETRAIN_ENABLED": "false",  # training/test_serve.py and `make loop` are about that
    # few, and seldom a window: what is typed beside it has the cores
    "RATE": "20",
    "WINDOW_SECONDS": "20",
    "INVALID_RATIO": "0.02",  # fewer than a replay of all may have before the scorer stops
    "DRIFT_START": "5",
    "DRIFT_RAMP": "0",
}
"""The demo in short: after a minute there are dead letters, windows and an alert."""

PORTS: Final = ("BROKER_PORT", "SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT")

EXAMPLES: Final = {
    "127.0.0.1:8001": "SCORER_PORT",
    "127.0.0.1:8002": "MONITORING_PORT",
    "kafka:9092": "BROKER_PORT",
}
"""Addresses that the pages use, and whose they are."""

OWN_FILES: Final = {
    "customers.csv": "Gender,Age,AnnualSalary\nFemale,31,58000\nMale,52,91000\n",
    "customers.jsonl": '{"Gender": "Male", "Age": 44, "AnnualSalary": 70000}\n',
    "outcomes.jsonl": '{"id": "a-customer", "Purchased": 1}\n',
    "prod.toml": "partitions = 8\n",
}
"""What the pages take for granted that the reader has."""


@dataclass
class Reader:
    """Types what the pages say.

    Attributes:
        folder: the clone.
        stands_for: what is the pages' example, and what it is here.
    """

    folder: Path
    env: dict[str, str]
    stands_for: dict[str, str]

    def types(self, commands: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """One shell runs them, until one fails."""
        text = "\n".join(commands)
        for example, own in self.stands_for.items():
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
    def lasting(self, commands: Sequence[str], said: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """A shell that runs them beside others, and writes what they say; it ends by itself."""
        with (
            said.open("w") as log,
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

    def finds(self, command: str) -> str:
        """What the command prints; nothing if it fails."""
        return self.types([command]).stdout.strip()


def cloned(folder: Path) -> Path:
    """The project, and in it an environment that is set up."""
    clone = folder / "intent-stream"
    shutil.copytree(ROOT, clone, ignore=LEFT_OUT)
    environment = clone / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != READY:
            environment.joinpath(part.name).symlink_to(part)
    environment.joinpath(READY).touch()  # or make would set up the one that all of this runs in
    return clone


def own_ports() -> dict[str, str]:
    """Ports that nobody else has."""
    return dict(zip(PORTS, map(str, free_ports("127.0.0.1", len(PORTS))), strict=True))


def demo_shell(demo: Mapping[str, str], ports: Mapping[str, str]) -> dict[str, str]:
    """The variables of the terminal in which the demo is started."""
    return {**_plain(), **{f"{PREFIX}{name}": value for name, value in {**demo, **ports}.items()}}


def other_shell(clone: Path, ports: Mapping[str, str]) -> dict[str, str]:
    """The variables of a terminal beside the demo's; a simulator there has a port of its own."""
    (other,) = free_ports("127.0.0.1", 1)
    own, home = _plain(), clone.with_name("home")
    home.joinpath(".config/fish/completions").mkdir(parents=True)
    return {
        **own,
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(INTENT).parent), own["PATH"]]),
        "INTENT_KAFKA_BOOTSTRAP": f"127.0.0.1:{ports['BROKER_PORT']}",
        "INTENT_SIMULATOR_PORT": str(other),
    }


@contextmanager
def reading(folder: Path) -> Iterator[Reader]:
    """The clone is made and the demo at work; in the end Ctrl-C must end it in order."""
    clone = cloned(folder)
    shutil.copy(CARS.dataset, clone / "mine.csv")
    for name, text in OWN_FILES.items():
        (clone / name).write_text(text)
    ports = own_ports()
    with _demo(clone, demo_shell(DEMO, ports)):
        reader = Reader(clone, other_shell(clone, ports), {})
        for example, port in EXAMPLES.items():
            reader.stands_for[example] = f"127.0.0.1:{ports[port]}"
        eventually(lambda: reader.finds("intent consume alerts --last 1"), START_TIMEOUT, every=2)
        newest = "intent consume predictions --last 1 --json"
        reader.stands_for["sim-19a-17"] = reader.finds(f"{newest} | jq -r .value.id")
        yield reader


@contextmanager
def _demo(clone: Path, env: dict[str, str]) -> Iterator[None]:
    said = clone.with_name("demo.log")
    with (
        said.open("w") as log,
        intent_process("up", env=env, cwd=clone, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        at_work = lambda: process.poll() is not None or "scored" in said.read_text()  # noqa: E731
        eventually(at_work, START_TIMEOUT)
        assert process.poll() is None, said.read_text()
        yield
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(90) == 0, said.read_text()


def _plain() -> dict[str, str]:
    """The variables of somebody who has told us nothing."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    if "INTENT_CACHE_DIR" in os.environ:
        own["INTENT_CACHE_DIR"] = os.environ["INTENT_CACHE_DIR"]
    return own
