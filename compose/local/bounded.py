"""A run of so many records, which is complete when each of them is accounted for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from compose.local.audit import Audit
from compose.local.stack import Stack
from compose.local.view import View, Viewer
from contract.errors import RunIncomplete


@dataclass(frozen=True)
class Summary:
    """A complete run: counts, the seconds from the first record to the last answer, the end."""

    records: int
    predictions: int
    dead_letters: int
    seconds: float
    last: View


def run(stack: Stack, stop: Event, show: Callable[[View], None]) -> Summary:
    """Publishes the records and waits until the run is complete.

    That is: each record has exactly one answer, the scorer lags behind by none, and at least one
    report is out. Raises `RunIncomplete` when the deadline has passed or the user has stopped it,
    and what `Stack.check` raises.
    """
    own = stack.settings
    wanted = own.records
    needed = wanted / own.rate if own.rate else 0
    deadline = time.monotonic() + needed + own.run_deadline
    viewer = Viewer(own)
    with Audit(own) as audit:
        simulator = stack.simulate()
        while True:
            stack.check()
            view = viewer.look()
            show(view)
            lacking = "the simulator is not done"
            if simulator.exit_code == 0:
                audit.read()
                lacking = _lacking(audit, wanted, view)
            if not lacking:
                return _summary(audit, view)
            if audit.ledger.doubled:
                raise RunIncomplete(_failed(lacking, stack))
            if stop.wait(0.5):
                raise RunIncomplete(f"stopped before the run was complete: {lacking}")
            if time.monotonic() > deadline:
                raise RunIncomplete(_failed(f"the deadline has passed: {lacking}", stack))


def _lacking(audit: Audit, wanted: int, view: View) -> str:
    """What the run still lacks, in words; empty if it is complete."""
    found = len(audit.ledger.records)
    if found < wanted:
        return f"only {found} of {wanted} records are in the topic"
    if fault := audit.ledger.fault():
        return fault
    if view.figures.lag:
        return f"the scorer lags behind by {view.figures.lag} records"
    if not any(window.report for window in view.windows):
        return "no report is out"
    return ""


def _failed(lacking: str, stack: Stack) -> str:
    return f"{lacking}; look into the logs in {stack.settings.home / 'logs'}"


def _summary(audit: Audit, view: View) -> Summary:
    ledger = audit.ledger
    return Summary(
        records=len(ledger.records),
        predictions=ledger.predictions,
        dead_letters=ledger.dead_letters,
        seconds=audit.seconds,
        last=view,
    )
