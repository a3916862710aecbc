"""Runs all checks, in the order of their dependencies."""

from collections.abc import Callable, Iterator

from contract.errors import BadSetting
from contract.settings import load
from intent.doctor import machine, services
from intent.doctor.result import CheckResult, error, ok, warning
from intent.doctor.schemas import check_schema_registry
from intent.local.settings import LocalSettings
from intent.stage_settings import validate_settings
from training.settings import TrainingSettings


def run_checks() -> Iterator[CheckResult]:
    """Yields results as the checks finish. Stops after the settings if these are invalid."""
    yield from machine.check_versions()
    try:
        validate_settings()
    except BadSetting as failure:
        yield error(
            "settings", str(failure), "correct them; `intent settings` validates them again"
        )
        return
    yield ok("settings", "valid")
    local, training = load(LocalSettings), load(TrainingSettings)
    yield from machine.check_disks(local)
    yield from _if_installed("Java runtime", lambda: machine.check_java(local))
    yield from machine.check_ports(local)
    yield from services.check_kafka(local)
    yield from check_schema_registry(local)
    yield from services.check_proxies(local)
    yield from _if_installed("registry", lambda: services.check_registry(training))
    yield from services.check_prefect()


def _if_installed(name: str, check: Callable[[], Iterator[CheckResult]]) -> Iterator[CheckResult]:
    try:
        yield from check()
    except ModuleNotFoundError as failure:
        yield warning(name, f"not checked: {failure.name} is not installed")
