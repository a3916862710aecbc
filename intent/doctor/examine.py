"""All checks, in the order in which they need each other."""

from collections.abc import Callable, Iterator

from contract.errors import BadSetting
from contract.settings import load
from intent.doctor.broker import broker
from intent.doctor.disk import disk
from intent.doctor.finding import Finding, fault, note, ok
from intent.doctor.java import java
from intent.doctor.ports import ports
from intent.doctor.prefect import prefect
from intent.doctor.proxy import proxy
from intent.doctor.registry import registry
from intent.doctor.versions import versions
from intent.local.settings import LocalSettings
from intent.stage_settings import check
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
