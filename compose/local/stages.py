"""The commands of the stages, and how to see that each is ready."""

import os
import signal
import sys
from dataclasses import dataclass, replace

from compose.local.child import Program
from compose.local.settings import LocalSettings
from contract.settings import environment


@dataclass(frozen=True)
class Server:
    """A stage that lasts: its program, and the page that answers 200 once it is ready."""

    program: Program
    port: int
    page: str


def training(settings: LocalSettings) -> Program:
    """Ends when the registry has a champion. Has a Prefect server of its own while it trains."""
    program = _python(settings, "training", "training", "--if-missing")
    return replace(program, may_end=True, at_our_death=signal.SIGTERM)


def scorer(settings: LocalSettings) -> Server:
    """Ready when it has a model and its partitions."""
    return Server(_python(settings, "scorer", "stream_app"), settings.scorer_port, "/readyz")


def monitoring(settings: LocalSettings) -> Server:
    """Ready when it has the model's reference set."""
    program = _python(settings, "monitoring", "monitoring")
    return Server(program, settings.monitoring_port, "/healthz")


def simulator(settings: LocalSettings) -> Program:
    """Ends by itself if the number of records is bounded."""
    return replace(_python(settings, "simulator", "producers"), may_end=settings.records > 0)


def _python(settings: LocalSettings, name: str, module: str, *arguments: str) -> Program:
    env = {**os.environ, **environment(settings)}
    return Program(name, [sys.executable, "-m", module, *arguments], env=env)
