"""All metrics of one process, and which window each is of."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from contract.features import TARGET
from monitoring.metrics.drift import DriftMetrics
from monitoring.metrics.performance import PerformanceMetrics
from monitoring.metrics.reading import ReadingMetrics
from monitoring.metrics.shadows import ShadowMetrics
from monitoring.metrics.windows import WindowMetrics
from monitoring.summaries.summary import Summary


class MonitoringMetrics:
    """In a registry of their own.

    Rows are those of the newest window, drift that of the newest with a report, performance that
    of the newest with enough outcomes.
    """

    def __init__(self, least_labelled: int = 1) -> None:
        """So many outcomes are needed for a window's performance to be told."""
        self.registry = CollectorRegistry()
        self._least_labelled = least_labelled
        self.windows = WindowMetrics(self.registry)
        self.drift = DriftMetrics(self.registry)
        self.performance = PerformanceMetrics(self.registry)
        self.shadows = ShadowMetrics(self.registry)
        self.reading = ReadingMetrics(self.registry)

    def known(self, newest_first: Sequence[Summary]) -> None:
        """This is what is known of the latest windows."""
        if newest_first:
            self.windows.newest(newest_first[0])
        reported = (each for each in newest_first if each.report)
        if (report := next(reported, None)) is not None:
            self.drift.reported(report)
            self.performance.expected(report)
        outcomes = (each for each in newest_first if TARGET in each.columns)
        if (judged := next(outcomes, None)) is not None:
            self.drift.judged(judged)
        enough = (each for each in newest_first if each.labelled >= self._least_labelled)
        if (measured := next(enough, None)) is not None:
            self.performance.measured(measured)
