"""A version that does not score, and why."""

from enum import StrEnum

from contract.errors import ModelUnavailable


class Reason(StrEnum):
    """Why a version is refused. Bounded, so that it can be a metric label."""

    UNRECORDED = "unrecorded"
    DIGEST = "digest"
    LOAD = "load"
    SIGNATURE = "signature"
    EXAMPLE = "example"
    SLOW = "slow"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"


class Refused(ModelUnavailable):
    """A version must not score, whoever asks and however often."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason
