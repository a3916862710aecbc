"""Pending requests and past runs -> start a training, or wait. Pure: the time is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from training.controller.pending_requests import Request
from training.settings import TrainingSettings

RunState = Literal["waiting", "running", "completed", "failed", "cancelled"]

ACTIVE_STATES: Final = ("waiting", "running")


@dataclass(frozen=True)
class Run:
    """A training as Prefect has it; times in ms since the epoch, None if it has not happened.

    Attributes:
        id: of the Prefect flow run.
        state: `failed` includes a run that was killed; `cancelled` is what a person chose.
        requests: the flow's parameter; empty for a run of the schedule.
        attempt: from 1, one more for each retry.
        created: when the run was created; the schedule does so days ahead.
        started: when it started.
        ended: when it ended.
        error: message of a failed run.
    """

    id: str
    state: RunState
    requests: tuple[dict[str, object], ...]
    attempt: int
    created: int
    started: int | None = None
    ended: int | None = None
    error: str = ""

    @property
    def started_or_created(self) -> int:
        """When it started, or was created if it has not started, ms since the epoch."""
        return self.created if self.started is None else self.started

    @property
    def request_ids(self) -> list[str]:
        """The ids of the requests that it answers."""
        return [str(request["id"]) for request in self.requests]


@dataclass(frozen=True)
class RetrainingPolicy:
    """When a training may start; times in ms.

    Attributes:
        alert_delay: from an alert to its training, so that outcomes of the drifted data arrive.
        cooldown: between the end of a training and the start of the next.
        max_attempts: of a training that fails.
        retry_delay: between a failure and the next attempt.
    """

    alert_delay: int
    cooldown: int
    max_attempts: int
    retry_delay: int

    @classmethod
    def from_settings(cls, settings: TrainingSettings) -> "RetrainingPolicy":
        """The policy of the settings `INTENT_RETRAIN_*`."""
        return cls(
            alert_delay=round(settings.retrain_delay * 1000),
            cooldown=round(settings.retrain_cooldown * 1000),
            max_attempts=settings.retrain_max_attempts,
            retry_delay=round(settings.retrain_retry_delay * 1000),
        )


@dataclass(frozen=True)
class StartRun:
    """Start one run. The key is its idempotency key: two starts with one key are one run."""

    key: str
    requests: tuple[dict[str, object], ...]
    attempt: int = 1


@dataclass(frozen=True)
class Wait:
    """Start nothing before `until`, ms since the epoch; None means until something changes."""

    until: int | None
    reason: str


def next_action(
    pending: Sequence[Request], runs: Sequence[Run], now: int, policy: RetrainingPolicy
) -> StartRun | Wait:
    """Decides what to do about the pending requests.

    There is one training at a time. A failed one is retried first, with all pending requests.

    Args:
        pending: requests, the oldest first.
        runs: all runs that are known.
        now: ms since the epoch.
        policy: when a training may start.
    """
    if any(run.state in ACTIVE_STATES for run in runs):
        return Wait(None, "a training is running")
    last = max(runs, key=lambda run: run.started_or_created, default=None)
    requests = tuple(request.parameter() for request in pending)
    if last is not None and last.state == "failed" and last.attempt < policy.max_attempts:
        return _retry(last, requests, now, policy)
    if not pending:
        return Wait(None, "there are no requests")
    earliest = min(_earliest_start(request, policy) for request in pending)
    until = max(cooldown_end(runs, policy), earliest)
    if now < until and not any(request.urgent for request in pending):
        return Wait(until, "the cooldown or the delay after the alert has not ended")
    return StartRun(pending[0].id, requests)


def cooldown_end(runs: Sequence[Run], policy: RetrainingPolicy) -> int:
    """When the cooldown after the last training ends, ms since the epoch; 0 without one."""
    ended = [run.ended for run in runs if run.ended is not None and run.state != "cancelled"]
    return max(ended) + policy.cooldown if ended else 0


def _earliest_start(request: Request, policy: RetrainingPolicy) -> int:
    delay = policy.alert_delay if request.trigger.kind == "alert" else 0
    return request.requested_at + delay


def _retry(
    last: Run, requests: tuple[dict[str, object], ...], now: int, policy: RetrainingPolicy
) -> StartRun | Wait:
    until = (last.ended or last.started_or_created) + policy.retry_delay
    if now < until:
        return Wait(until, "the last training failed")
    attempt = last.attempt + 1
    return StartRun(f"{last.id}/{attempt}", (*last.requests, *requests), attempt)
