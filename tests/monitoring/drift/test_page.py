"""What docs/drift.md says of the rule's settings is what they are."""

from pathlib import Path

import numpy as np
import pytest

from contract.schema import CARS
from monitoring.drift.columns import watched_columns
from monitoring.drift.config import LOOKBACKS, MAX_LOOKBACK, DriftConfig
from monitoring.drift.rule import DriftRule
from monitoring.drift.statistics import CLIP_IQRS
from tests.monitoring.drift.streams import window

PAGE = " ".join((Path(__file__).parents[3] / "docs" / "drift.md").read_text("utf-8").split())
RULE = DriftRule(window(np.random.default_rng(1), 1_000), watched_columns(CARS))
CONFIG = DriftConfig()
RELEASE_LEVEL = CONFIG.tolerance + CONFIG.release_errors / np.sqrt(1_000)


def threshold(false_alarm_rate: float) -> str:
    return f"{DriftConfig(false_alarm_rate=false_alarm_rate).threshold(RULE.tests):.2f}"


@pytest.mark.parametrize(
    "claim",
    [
        f"which is **{RULE.threshold:.3f}** for our six columns",
        f"({RULE.tests // 2 // len(LOOKBACKS)} statistics, {RULE.tests} tests)",
        f"(m = {', '.join(map(str, LOOKBACKS))})",
        f"bound the state to {MAX_LOOKBACK} windows a column",
        f"more than {CLIP_IQRS:g} interquartile ranges",
        f"The latest {CONFIG.clean_windows} windows together",
        f"({RELEASE_LEVEL:.2f} standard deviations for 1,000",
        f"{CONFIG.tolerance} standard deviations are half a year",
        f"1e-2: {threshold(1e-2)}, 1e-3: {threshold(1e-3)}, 1e-4: {threshold(1e-4)}",
    ],
)
def test_the_page_describes_the_rule_as_it_is(claim: str) -> None:
    assert claim in PAGE
