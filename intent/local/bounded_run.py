"""A run with a fixed number of records; it is complete when each record has exactly one result."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Final

from contract.errors import RunIncomplete
from intent.local.delivery_check import DeliveryCheck
from intent.local.delivery_counts import DeliveryCounts
from intent.local.stack import Stack
from intent.local.status import (
    POLL_INTERVAL,
    Latency,
    PipelineMetrics,
    PipelineStatus,
    StatusPoller,
    WindowStatus,
)

TOO_SMALL: Final = "too_small"
"""`result` of a window with too few rows for a report."""


@dataclass(frozen=True)
class RunSummary:
    """Counts of a complete run; `seconds` from the first record to the last prediction."""

    records: int
    predictions: int
    dead_letters: int
    reports: int
    seconds: float
    latency: Latency


def run(stack: Stack, stop: Event, show: Callable[[PipelineStatus], None]) -> RunSummary:
    """Starts the simulator and waits until the run is complete.

    A run is complete when each record has exactly one result, the scorer's lag is 0, a report on
    some of the records exists (unless all windows are too small) and the last window is closed.

    Args:
        stack: A started stack whose settings bound the number of records.
        stop: Set when the user stops the run.
        show: Called with each polled status.

    Raises:
        RunIncomplete: The timeout passed, the user stopped the run, or a record has two results.
        WorkerFailed: A process of the stack failed.
    """
    settings = stack.settings
    publishing_time = settings.records / settings.rate if settings.rate else 0
    deadline = time.monotonic() + publishing_time + settings.run_timeout
    poller = StatusPoller(settings)
    with DeliveryCheck(settings) as delivery:
        started_at = time.time_ns() // 1_000_000
        simulator = stack.simulate()
        while True:
            stack.check()
            status = poller.poll()
            show(status)
            windows = [window for window in status.windows if window.end > started_at]
            incomplete = "the simulator has not published all records"
            if simulator.exit_code == 0:
                delivery.read_to_end()
                incomplete = describe_incomplete(
                    settings.records,
                    delivery.counts,
                    status.metrics,
                    windows,
                    delivery.last_timestamp,
                )
            if not incomplete:
                return _summary(delivery, status.metrics, windows)
            if delivery.counts.duplicated or delivery.counts.unexpected:
                raise RunIncomplete(_with_log_folder(incomplete, stack))
            if stop.wait(POLL_INTERVAL):
                raise RunIncomplete(f"stopped before the run was complete: {incomplete}")
            if time.monotonic() > deadline:
                raise RunIncomplete(_with_log_folder(f"timed out: {incomplete}", stack))


def describe_incomplete(
    records: int,
    counts: DeliveryCounts,
    metrics: PipelineMetrics,
    windows: Sequence[WindowStatus],
    last_timestamp: int,
) -> str:
    """What is still missing for a complete run; empty if it is complete.

    Args:
        records: Number of records of the run.
        counts: Records and results read so far.
        metrics: Current metrics.
        windows: Windows that closed since the start.
        last_timestamp: Timestamp of the newest record, ms since the epoch.
    """
    published = len(counts.records) + len(counts.tombstones)
    if published < records:
        return f"only {published} of {records} records are in the topic"
    if faults := counts.describe_faults():
        return faults
    if metrics.lag is None:
        return "the scorer does not report its lag"
    if metrics.lag:
        return f"the scorer has a lag of {metrics.lag} records"
    if not _is_reported(counts, windows):
        return "there is no report yet"
    return "" if _all_closed(counts, windows, last_timestamp) else "the last window is not closed"


def _all_closed(
    counts: DeliveryCounts, windows: Sequence[WindowStatus], last_timestamp: int
) -> bool:
    """Whether the newest record's window is closed, or the windows hold all predicted records."""
    newest = max((window.end for window in windows), default=0)
    return newest > last_timestamp or sum(window.rows for window in windows) >= counts.predictions


def _is_reported(counts: DeliveryCounts, windows: Sequence[WindowStatus]) -> bool:
    """Whether there is a report, or all records are in windows that are too small for one."""
    if any(window.report for window in windows):
        return True
    small = sum(window.rows for window in windows if window.result == TOO_SMALL)
    return small >= counts.predictions


def _with_log_folder(message: str, stack: Stack) -> str:
    return f"{message}: read the logs in {stack.settings.data_dir / 'logs'}"


def _summary(
    delivery: DeliveryCheck, metrics: PipelineMetrics, windows: Sequence[WindowStatus]
) -> RunSummary:
    return RunSummary(
        records=len(delivery.counts.records),
        predictions=delivery.counts.predictions,
        dead_letters=delivery.counts.dead_letters,
        reports=sum(window.report is not None for window in windows),
        seconds=delivery.seconds,
        latency=metrics.total_latency,
    )
