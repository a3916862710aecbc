"""Result of a check."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """`ok`; `warning`: works, with something missing; `error`: does not work."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class CheckResult:
    """Result of one check.

    Attributes:
        check: What was checked.
        status: Result.
        message: Details.
        fix: What to do about an error; empty otherwise.
    """

    check: str
    status: Status
    message: str
    fix: str = ""


def ok(check: str, message: str) -> CheckResult:
    """The check passed."""
    return CheckResult(check, Status.OK, message)


def warning(check: str, message: str) -> CheckResult:
    """Nothing is wrong, but something is missing."""
    return CheckResult(check, Status.WARNING, message)


def error(check: str, message: str, fix: str) -> CheckResult:
    """Something will not work."""
    return CheckResult(check, Status.ERROR, message, fix)
