"""The measured programs: the scorer, two baselines, and peers with their own settings."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.scoring.contender import Contender
from benchmarks.scoring.settings import BenchSettings
from contract.errors import BadSetting
from contract.settings import environment

PEERS: Final = Path(__file__).parents[2] / ".venv-bench"
"""Where `make bench` creates the peers' environments."""

PROGRAMS: Final = "benchmarks.scoring.contenders"

OURS: Final = Contender("stream_app", "stream_app")
BARE: Final = Contender("bare loop", f"{PROGRAMS}.bare_loop")
PASS: Final = Contender("pass-through", f"{PROGRAMS}.pass_through")


@dataclass(frozen=True)
class Peer:
    """A comparable framework.

    Attributes:
        contender: Program to start.
        share: Part of the backlog that it drains. Slow peers would take an hour for all of it.
        guarantee: Delivery guarantee.
        target: How many times as fast the scorer should be, if there is a target.
    """

    contender: Contender
    share: float
    guarantee: str
    target: float | None


def list_peers(env: Mapping[str, str]) -> list[Peer]:
    """Lists all peers. `env` has their environment variables."""

    def peer(name: str, program: str, environment: str) -> Contender:
        python = PEERS / environment / "bin" / "python" if environment else Path(sys.executable)
        return Contender(name, f"{PROGRAMS}.{program}", python, env)

    return [
        Peer(peer("Quix Streams", "quix", "quix"), 1, "exactly once", 3),
        Peer(peer("Bytewax, batched", "bytewax_flow", "bytewax"), 1, "at least once", 2),
        Peer(peer("Faust, `take`", "faust_take", "faust"), 0.06, "at least once", 10),
        Peer(peer("Faust, record by record", "faust_single", "faust"), 0.03, "at least once", 50),
        Peer(peer("tutorial loop", "tutorial", ""), 0.002, "at least once", None),
    ]


def check(settings: BenchSettings, env: Mapping[str, str]) -> None:
    """Raises `BadSetting` if a peer's environment is missing or incomplete."""
    variables = {**os.environ, **environment(settings), "INTENT_SCORER_GROUP": "", **env}
    for python in {peer.contender.python for peer in list_peers(env)}:
        if not python.exists():
            raise BadSetting(f"{python} is missing: run `make bench`, which creates it")
        imports = [str(python), "-c", f"import {PROGRAMS}.peer"]
        done = subprocess.run(
            imports, env=variables, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            reason = done.stderr.splitlines()[-1]
            raise BadSetting(
                f"{python} cannot run its peer ({reason}): check requirements/bench-*.in"
            )
