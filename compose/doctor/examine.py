"""All checks, in the order in which they need each other."""

from collections.abc import Callable, Iterator

from compose.doctor.broker import broker
from compose.doctor.disk import disk
from compose.doctor.finding import Finding, fault, note, ok
from compose.doctor.java import java
from compose.doctor.ports import ports
from compose.doctor.prefect import prefect
from compose.doctor.proxy import proxy
from compose.doctor.registry import registry
from compose.doctor.versions import versions
from compose.local.settings import LocalSettings
from compose.stage_settings import check
from contract.errors import BadSetting
from contract.settings import load
from training.settings import TrainingSettings


def examine() -> Iterator[Finding]:
    """Finding after finding, as they are made. With faulty settings nothing else can be asked."""
    yield from versions()
    try:
        check()
    except BadSetting as failure:
        yield fault("settings", str(failure), "`intent settings` tells when they are right")
        return
    yield ok("settings", "all can be used")
    local, training = load(LocalSettings), load(TrainingSettings)
    yield from disk(local)
    yield from _attempt("Java runtime", lambda: java(local))
    yield from ports(local)
    yield from broker(local)
    yield from proxy(local)
    yield from _attempt("registry", lambda: registry(training))
    yield from prefect()


def _attempt(subject: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except ModuleNotFoundError as failure:
        yield note(subject, f"cannot be looked at: {failure.name} is not installed")
