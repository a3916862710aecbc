"""What the drift rule can be told, and the threshold that follows from it. Pure."""

from dataclasses import dataclass
from typing import Final

from scipy.special import ndtri

SPANS: Final = (1, 2, 3, 5, 8, 13, 21, 34)
"""How many of the latest windows are taken together: each is a test. Spans that grow by a factor
lose little against all lengths (Lai, JRSS B 57, 1995) and bound the state and the tests."""

MEMORY: Final = SPANS[-1]
"""Windows of a column that are remembered."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the rule is set; docs/drift.md tells how to choose.

    Attributes:
        tolerance: largest difference that nobody need hear of, in standard deviations of the
            reference. No drift is: a difference of at most that.
        false_alarms: share of windows without drift that may be in alarm, over all columns and
            spans, and over windows and references alike.
        least_rows: rows that a reference and the windows of a span must have together.
        clean_windows: latest windows that must be back within the release level to end an alarm;
            more where these have fewer rows than the reference.
        release: standard errors of the reference that the release level lies above the tolerance.
    """

    tolerance: float = 0.05
    false_alarms: float = 1e-3
    least_rows: int = 50
    clean_windows: int = 3
    release: float = 2.0

    def threshold(self, tests: int) -> float:
        """From which evidence on a trait is in alarm, in standard errors.

        The union bound (Bonferroni): that one of the tests exceeds it, each a standard normal, has
        a probability of false_alarms at most.
        """
        return float(-ndtri(self.false_alarms / max(tests, 1)))


def tests(traits: int) -> int:
    """How many tests a window brings: two sides of every trait, on every span."""
    return 2 * traits * len(SPANS)
