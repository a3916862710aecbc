"""What a check found. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is: well; well, but to be known; not well."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; a fault has a remedy."""

    subject: str
    state: State
    words: str
    remedy: str = ""


def ok(subject: str, words: str) -> Finding:
    """All is well."""
    return Finding(subject, State.OK, words)


def note(subject: str, words: str) -> Finding:
    """Nothing is wrong, but it is not all there."""
    return Finding(subject, State.NOTE, words)


def fault(subject: str, words: str, remedy: str) -> Finding:
    """Something will not work."""
    return Finding(subject, State.FAULT, words, remedy)
