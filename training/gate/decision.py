"""What the gate says of a version, with every figure. Plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was asked of a version.

    Attributes:
        name: what, in a word or two.
        passed: whether it is as wanted; None where it could not be judged, which refuses nothing.
        figure: what was measured.
        bound: what it was held against.
        words: both in a sentence.
    """

    name: str
    passed: bool | None
    figure: float
    bound: float
    words: str


@dataclass(frozen=True)
class Decision:
    """Whether a version may take over, and why.

    Attributes:
        promote: whether it may.
        reason: in a sentence.
        over: the champion that it may take over from; None if there was none.
        compared: whether it was compared with that champion, which may not have loaded.
        checks: all that was asked of it.
    """

    promote: bool
    reason: str
    over: str | None = None
    compared: bool = False
    checks: tuple[Check, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that it did not pass."""
        return tuple(check for check in self.checks if check.passed is False)
