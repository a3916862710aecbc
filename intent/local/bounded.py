"""A run of so many records, which is complete when each of them is accounted for."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Final

from contract.errors import RunIncomplete
from intent.local.audit import Audit
from intent.local.figures import Figures, Latency
from intent.local.ledger import Ledger
from intent.local.stack import Stack
from intent.local.view import LOOK_EVERY, View, Viewer
from intent.local.windows import Window

TOO_SMALL: Final = "too_small"
"""Monitoring's word for a window with too few rows for a report."""


@dataclass(frozen=True)
class Summary:
    """A complete run: counts, and the seconds from the first record to the last prediction."""

    records: int
    predictions: int
    dead_letters: int
    reports: int
    seconds: float
    latency: Latency


def run(stack: Stack, stop: Event, show: Callable[[View], None]) -> Summary:
    """Publishes the records and waits until the run is complete.

    That is: each record has exactly one answer, the scorer lags behind by none, a report is out on
    some of them, unless they are too few, and the last window is closed. Raises `RunIncomplete`
    when the deadline has passed or the user has stopped it, and what `Stack.check` raises.
    """
    own = stack.settings
    needed = own.records / own.rate if own.rate else 0
    deadline = time.monotonic() + needed + own.run_timeout
    viewer = Viewer(own)
    with Audit(own) as audit:
        began = time.time_ns() // 1_000_000
        simulator = stack.simulate()
        while True:
            stack.check()
            view = viewer.look()
            show(view)
            windows = [window for window in view.windows if window.end > began]
            short = "the simulator has not published all"
            if simulator.exit_code == 0:
                audit.read()
                short = lacking(
                    own.records, audit.ledger, view.figures, windows, audit.last_written
                )
            if not short:
                return _summary(audit, view.figures, windows)
            if audit.ledger.doubled:
                raise RunIncomplete(_failed(short, stack))
            if stop.wait(LOOK_EVERY):
                raise RunIncomplete(f"stopped before the run was complete: {short}")
            if time.monotonic() > deadline:
                raise RunIncomplete(_failed(f"the deadline has passed, and {short}", stack))


def lacking(
    wanted: int, ledger: Ledger, figures: Figures, windows: Sequence[Window], last_written: int
) -> str:
    """What the run still lacks, in words; empty if it is complete.

    `last_written` is the newest record's timestamp in ms since the epoch.
    """
    if len(ledger.records) < wanted:
        return f"only {len(ledger.records)} of {wanted} records are in the topic"
    if fault := ledger.fault():
        return fault
    if figures.lag is None:
        return "the scorer does not tell its lag"
    if figures.lag:
        return f"the scorer lags behind by {figures.lag} records"
    if not _reported(ledger, windows):
        return "no report is out"
    return "" if _all_closed(ledger, windows, last_written) else "the last window is not closed"


def _all_closed(ledger: Ledger, windows: Sequence[Window], last_written: int) -> bool:
    """Whether the newest record's window is closed, or every prediction's record is in one."""
    newest = max((window.end for window in windows), default=0)
    return newest > last_written or sum(each.rows for each in windows) >= ledger.predictions


def _reported(ledger: Ledger, windows: Sequence[Window]) -> bool:
    """Whether there is a report, or all records are in windows too small for one."""
    if any(window.report for window in windows):
        return True
    small = sum(window.rows for window in windows if window.result == TOO_SMALL)
    return small >= ledger.predictions


def _failed(short: str, stack: Stack) -> str:
    return f"{short}: look into the logs in {stack.settings.data_dir / 'logs'}"


def _summary(audit: Audit, figures: Figures, windows: Sequence[Window]) -> Summary:
    return Summary(
        records=len(audit.ledger.records),
        predictions=audit.ledger.predictions,
        dead_letters=audit.ledger.dead_letters,
        reports=sum(window.report is not None for window in windows),
        seconds=audit.seconds,
        latency=figures.overall,
    )
