"""A closed window against the reference of the version that scored it, in one Evidently report."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from msgspec.structs import replace
from prometheus_client import Histogram

from monitoring.drift import PREDICTION, Thresholds, Verdict, verdict
from monitoring.reports.reference import Reference, References
from monitoring.reports.report import Reporter
from monitoring.reports.summary import FAILED, TOO_SMALL, Summary, summary
from monitoring.reports.table import PROBABILITY, predicted, scored_by
from monitoring.windows.window import ClosedWindow

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rules:
    """From how many rows on a window is compared, and when a column has drifted."""

    min_rows: int
    thresholds: Thresholds


class Comparison:
    """Writes the reports, one at a time."""

    def __init__(
        self, folder: Path, references: References, rules: Rules, seconds: Histogram
    ) -> None:
        """`folder` takes the reports, `seconds` how long each took."""
        self._folder = folder
        self._references = references
        self._rules = rules
        self._seconds = seconds

    def window(self, window: ClosedWindow, rows: pd.DataFrame) -> Summary:
        """Compares features and predictions, unless the rows of the sample are too few."""
        reference = self._references.of(scored_by(window.sample))
        known = summary(window, reference.version, TOO_SMALL)
        complete = predicted(rows)
        if len(complete) < self._rules.min_rows:  # without a scorer, there are still the features
            complete = rows.drop(columns=[PREDICTION, PROBABILITY])
        if len(complete) < self._rules.min_rows:
            return known
        path = self._path(known, "")
        drift = self._reported(lambda: self._reporter(reference).features(complete, path), path)
        if drift is None:
            return replace(known, result=FAILED)
        drifted = ", ".join(sorted(drift.drifted)) or "none"
        log.info("window %s: %d rows, drifted: %s", path.stem, known.rows, drifted)
        return known.with_report(drift, path.name)

    def outcomes(self, known: Summary, rows: pd.DataFrame) -> Summary:
        """Compares target and performance of labelled rows; the same summary if that failed."""
        path = self._path(known, "-outcomes")
        reporter = self._reporter(self._references.of(known.model_version))
        drift = self._reported(lambda: reporter.outcomes(rows, path), path)
        return known if drift is None else known.with_outcomes(drift, path.name, len(rows))

    def _reporter(self, reference: Reference) -> Reporter:
        return Reporter(reference.rows, self._rules.thresholds)

    def _reported(self, write: Callable[[], dict[str, float]], path: Path) -> Verdict | None:
        try:
            with self._seconds.time():
                return verdict(write(), self._rules.thresholds)
        except OSError:
            raise
        except Exception:  # whatever Evidently raises for odd rows costs one report, no more
            log.exception("no report %s", path.name)
            return None

    def _path(self, known: Summary, suffix: str) -> Path:
        stem = f"{datetime.fromtimestamp(known.start / 1000, UTC):%Y%m%dT%H%M%S%f}"[:-3]
        return self._folder / f"{stem}{suffix}.html"
