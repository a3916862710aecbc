"""What waits, and what ran -> what to do now. Pure: the time is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from training.loop.request import Request

RunState = Literal["waiting", "running", "completed", "failed", "cancelled"]

ACTIVE: Final = ("waiting", "running")


@dataclass(frozen=True)
class Run:
    """A training, as Prefect knows it; times in ms, None for what has not happened.

    Attributes:
        id: Prefect's.
        state: `failed` is also one that was killed, `cancelled` a person's own wish.
        asked: what it was told of its requests; nothing by the schedule.
        attempt: 1, and one more for each time that it was run again.
        why: in words, where it failed.
    """

    id: str
    state: RunState
    asked: tuple[dict[str, object], ...]
    attempt: int
    created: int
    started: int | None = None
    ended: int | None = None
    why: str = ""

    @property
    def begun(self) -> int:
        """When it started, or else was made: the schedule makes its runs days before, ms."""
        return self.created if self.started is None else self.started

    @property
    def requests(self) -> list[str]:
        """The names of the requests that it is for."""
        return [str(each["name"]) for each in self.asked]


@dataclass(frozen=True)
class Rules:
    """When a training may start; times in ms.

    Attributes:
        settle: from an alert to its training: what has changed needs outcomes first.
        cooldown: between the end of one training and the start of the next.
        attempts: in which a training may fail before somebody must look.
        retry_after: between a failure and the next attempt.
    """

    settle: int
    cooldown: int
    attempts: int
    retry_after: int


@dataclass(frozen=True)
class Start:
    """Ask for one run. Asked for twice under the same key, it is one run all the same."""

    key: str
    asked: tuple[dict[str, object], ...]
    attempt: int = 1


@dataclass(frozen=True)
class Wait:
    """Nothing may start before `until` (ms); None is until what runs has ended."""

    until: int | None
    why: str


def decide(waiting: Sequence[Request], runs: Sequence[Run], now: int, rules: Rules) -> Start | Wait:
    """What to do about the requests that wait, the oldest first, after all these runs.

    One training at a time; a failed one goes first, with all that has come meanwhile.
    """
    if any(run.state in ACTIVE for run in runs):
        return Wait(None, "a training runs")
    last = max(runs, key=lambda run: run.begun, default=None)
    new = tuple(request.parameter() for request in waiting)
    if last is not None and last.state == "failed" and last.attempt < rules.attempts:
        return _again(last, new, now, rules)
    if not waiting:
        return Wait(None, "nothing is asked for")
    until = max(cooldown_until(runs, rules), min(_ready(each, rules) for each in waiting))
    if now < until and not any(request.now for request in waiting):
        return Wait(until, "it is too soon after the alert, or the last training")
    return Start(waiting[0].name, new)


def cooldown_until(runs: Sequence[Run], rules: Rules) -> int:
    """When the time after the last training is over, ms; 0 if there was none."""
    ended = [run.ended for run in runs if run.ended is not None and run.state != "cancelled"]
    return max(ended) + rules.cooldown if ended else 0


def _ready(request: Request, rules: Rules) -> int:
    return request.at + (rules.settle if request.cause.kind == "alert" else 0)


def _again(last: Run, new: tuple[dict[str, object], ...], now: int, rules: Rules) -> Start | Wait:
    until = (last.ended or last.begun) + rules.retry_after
    if now < until:
        return Wait(until, "the last training failed")
    attempt = last.attempt + 1
    return Start(f"{last.id}/{attempt}", (*last.asked, *new), attempt)
