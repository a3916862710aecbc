"""Parameters of the drift rule, and the alarm threshold that follows from them. Pure."""

from dataclasses import dataclass
from typing import Final

from scipy.special import ndtri

LOOKBACKS: Final = (1, 2, 3, 5, 8, 13, 21, 34)
"""How many of the latest windows are pooled; each number is a test. Lengths that grow by a factor
lose little against all lengths (Lai, JRSS B 57, 1995) and bound the state and the tests."""

MAX_LOOKBACK: Final = LOOKBACKS[-1]
"""Windows of a column that the state keeps."""


@dataclass(frozen=True, slots=True)
class DriftConfig:
    """Parameters of the drift rule. docs/drift.md says how to choose them.

    Attributes:
        tolerance: Largest difference that is not drift, in standard deviations of the reference.
        false_alarm_rate: Maximum share of windows without drift that raise an alarm, over all
            columns and look-backs, and over windows and references alike.
        min_rows: Rows that a reference, and the pooled windows of a look-back, need.
        clean_windows: Latest windows that must be within the release level to resolve an alarm;
            more if these have fewer rows than the reference.
        release_errors: Standard errors of the reference by which the release level exceeds the
            tolerance.
    """

    tolerance: float = 0.05
    false_alarm_rate: float = 1e-3
    min_rows: int = 50
    clean_windows: int = 3
    release_errors: float = 2.0

    def threshold(self, tests: int) -> float:
        """The z-score above which a statistic raises an alarm, in standard errors.

        By the union bound (Bonferroni), one of `tests` standard normals exceeds it with a
        probability of at most `false_alarm_rate`.
        """
        return float(-ndtri(self.false_alarm_rate / max(tests, 1)))


def number_of_tests(statistics: int) -> int:
    """Tests in each window: two sides of every statistic, for every look-back."""
    return 2 * statistics * len(LOOKBACKS)
