"""The commands of the stages, and how to see that each is ready."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

from contract.settings import env_variable, environment, load
from intent.local.child import Program
from intent.local.settings import LOOPBACK, LocalSettings
from monitoring.settings import MonitoringSettings
from training.settings import TrainingSettings


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


def trainer(settings: LocalSettings) -> Server:
    """Trains when an alert, a person or the clock asks for it. Has a Prefect server of its own."""
    program = _python(settings, "trainer", "training", "serve")
    program = replace(program, at_our_death=signal.SIGTERM)
    return Server(program, settings.training_port, "/metrics")


def scorer(settings: LocalSettings) -> Server:
    """Ready when it has a model and its partitions."""
    return Server(_python(settings, "scorer", "stream_app"), settings.scorer_port, "/readyz")


def monitoring(settings: LocalSettings) -> Server:
    """Ready when it has the model's reference set. Its page links to the Prefect of the trainer."""
    program = _python(settings, "monitoring", "monitoring")
    if (
        settings.retrain_enabled
        and not settings.records
        and not load(MonitoringSettings).prefect_ui_url
    ):
        port = load(TrainingSettings, port_offset=settings.port_offset).prefect_port
        link = {env_variable("prefect_ui_url"): f"http://{LOOPBACK}:{port}"}
        program = replace(program, env={**(program.env or {}), **link})
    return Server(program, settings.monitoring_port, "/healthz")


def simulator(settings: LocalSettings, told: Mapping[str, object]) -> Program:
    """Ends by itself if the number of records is bounded; `told` are settings of it alone."""
    program = _python(settings, "simulator", "producers")
    own = {env_variable(name): str(value) for name, value in told.items()}
    may_end = settings.records > 0 or bool(told)
    return replace(program, env={**(program.env or {}), **own}, may_end=may_end)


def _python(settings: LocalSettings, name: str, module: str, *arguments: str) -> Program:
    env = {**os.environ, **environment(settings)}
    return Program(name, [sys.executable, "-m", module, *arguments], env=env)
