"""Who takes part: the scorer, the yardsticks, and the peers with their own settings."""

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
"""Where `make bench` puts each peer's environment."""

PROGRAMS: Final = "benchmarks.scoring.contenders"

OURS: Final = Contender("stream_app", "stream_app")
BARE: Final = Contender("bare loop", f"{PROGRAMS}.bare_loop")
PASS: Final = Contender("pass-through", f"{PROGRAMS}.pass_through")


@dataclass(frozen=True)
class Peer:
    """A peer.

    Attributes:
        contender: what to start.
        share: how much of the backlog it drains; the slow ones would take an hour for all of it.
        guarantee: what it promises of each record.
        target: how many times as fast we want to be, if that was ever said.
    """

    contender: Contender
    share: float
    guarantee: str
    target: float | None


def peers(env: Mapping[str, str]) -> list[Peer]:
    """All peers."""

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
    """Raises `BadSetting` where a peer's environment is missing, or lacks what our part needs."""
    told = {**os.environ, **environment(settings), "INTENT_SCORER_GROUP": "", **env}
    for python in {peer.contender.python for peer in peers(env)}:
        if not python.exists():
            raise BadSetting(f"{python} is missing: run `make bench`, which makes it")
        imports = [str(python), "-c", f"import {PROGRAMS}.peer"]
        done = subprocess.run(imports, env=told, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            why = done.stderr.splitlines()[-1]
            raise BadSetting(f"{python} cannot run its peer ({why}): see requirements/bench-*.in")
