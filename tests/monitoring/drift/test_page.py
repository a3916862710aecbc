"""What docs/drift.md says of the rule's settings is what they are."""

from pathlib import Path

import numpy as np
import pytest

from monitoring.drift.config import MEMORY, SPANS, Tuning
from monitoring.drift.rule import DriftRule
from monitoring.drift.statistics import REACH
from tests.monitoring.drift.streams import window

PAGE = " ".join((Path(__file__).parents[3] / "docs" / "drift.md").read_text("utf-8").split())
RULE = DriftRule(window(np.random.default_rng(1), 1_000))
TUNING = Tuning()


def threshold(false_alarms: float) -> str:
    return f"{Tuning(false_alarms=false_alarms).threshold(RULE.tests):.2f}"


@pytest.mark.parametrize(
    "claim",
    [
        f"which is **{RULE.threshold:.3f}** for our six columns",
        f"({RULE.tests // 2 // len(SPANS)} traits, {RULE.tests} tests)",
        f"(m = {', '.join(map(str, SPANS))})",
        f"bound the state to {MEMORY} windows a column",
        f"more than {REACH:g} interquartile ranges",
        f"The latest {TUNING.clean_windows} windows together",
        f"({TUNING.tolerance + TUNING.release / np.sqrt(1_000):.2f} standard deviations for 1,000",
        f"{TUNING.tolerance} standard deviations are half a year",
        f"1e-2: {threshold(1e-2)}, 1e-3: {threshold(1e-3)}, 1e-4: {threshold(1e-4)}",
    ],
)
def test_the_page_tells_the_rule_as_it_is(claim: str) -> None:
    assert claim in PAGE
