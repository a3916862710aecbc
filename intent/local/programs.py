"""Commands of the stages, and the pages that report that a stage is ready."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType

import monitoring
import producers
import stream_app
import training
from contract.settings import env_variable, environment, load
from intent.local.managed_process import Program
from intent.local.settings import LOOPBACK, LocalSettings
from monitoring.settings import MonitoringSettings
from training.settings import TrainingSettings


@dataclass(frozen=True)
class Server:
    """A long-running stage; `readiness_path` answers 200 when it is ready."""

    program: Program
    port: int
    readiness_path: str


def training_program(settings: LocalSettings) -> Program:
    """Trains a first model if the registry has no champion, then exits."""
    program = _python(settings, "training", training, "--if-missing")
    return replace(program, may_exit=True, parent_death_signal=signal.SIGTERM)


def retraining_server(settings: LocalSettings) -> Server:
    """Retrains on schedule, on alerts and on request. Starts a Prefect server of its own."""
    program = _python(settings, "trainer", training, "serve")
    program = replace(program, parent_death_signal=signal.SIGTERM)
    return Server(program, settings.training_port, "/metrics")


def scorer_server(settings: LocalSettings) -> Server:
    """Ready when it has a model and assigned partitions."""
    return Server(_python(settings, "scorer", stream_app), settings.scorer_port, "/readyz")


def monitoring_server(settings: LocalSettings) -> Server:
    """Ready when it has the model's reference set. Its page links to the Prefect server."""
    program = _python(settings, "monitoring", monitoring)
    if (
        settings.retrain_enabled
        and not settings.records
        and not load(MonitoringSettings).prefect_ui_url
    ):
        port = load(TrainingSettings, port_offset=settings.port_offset).prefect_port
        link = {env_variable("prefect_ui_url"): f"http://{LOOPBACK}:{port}"}
        program = replace(program, env={**(program.env or {}), **link})
    return Server(program, settings.monitoring_port, "/healthz")


def simulator_program(settings: LocalSettings, overrides: Mapping[str, object]) -> Program:
    """Exits by itself if the number of records is bounded.

    Args:
        settings: Settings of the stack.
        overrides: Settings of the simulator alone. With any, it may be stopped before the stack.
    """
    program = _python(settings, "simulator", producers)
    env = {env_variable(name): str(value) for name, value in overrides.items()}
    may_exit = settings.records > 0 or bool(overrides)
    return replace(program, env={**(program.env or {}), **env}, may_exit=may_exit)


def _python(settings: LocalSettings, name: str, package: ModuleType, *arguments: str) -> Program:
    """`python -m PACKAGE`, by the name that the package has where it is installed."""
    env = {**os.environ, **environment(settings)}
    return Program(name, [sys.executable, "-m", package.__name__, *arguments], env=env)
