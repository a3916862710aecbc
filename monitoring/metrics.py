"""Every figure of the monitoring, by the name that it has in Prometheus."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from contract.events import Comparison
from contract.features import TARGET
from monitoring.alerts.episodes import COLUMNS, Episodes
from monitoring.drift.columns import CORRECT, PREDICTION
from monitoring.summaries.summary import Column, Summary
from monitoring.windows.batch import Place


class MonitoringMetrics:
    """The metrics of one process, in a registry of its own.

    Rows are those of the newest window, drift that of the newest with a report, performance that
    of the newest with enough outcomes.
    """

    def __init__(self, least_labelled: int = 1) -> None:
        """So many outcomes are needed for a window's performance to be told."""
        self.registry = CollectorRegistry()
        self._least_labelled = least_labelled
        self._rows = self._gauge(
            "intent_window_rows", "Customers of the newest window, by whether it has their "
            "prediction.", "joined"
        )  # fmt: skip
        self._sample = self._gauge(
            "intent_window_sample_rows", "Rows of the newest report, a uniform sample."
        )
        self._invalid = self._gauge(
            "intent_window_invalid_rows",
            "Customer records of the newest window that do not fit the contract.",
            "reason",
        )
        self._end = self._gauge(
            "intent_window_end_seconds", "End of the newest window, seconds since the epoch."
        )
        self._windows = Counter(
            "intent_windows",
            "Closed windows, by whether they have a report.",
            ["result"],
            registry=self.registry,
        )
        self._unjoined = Counter(
            "intent_window_unjoined",
            "Events of closed windows without their partner: customers that were not predicted, "
            "predictions without their customer.",
            ["event"],
            registry=self.registry,
        )
        self._dataset = self._gauge(
            "intent_drift_dataset", "Whether any feature column drifted, 0 or 1."
        )
        self._columns = self._gauge("intent_drift_columns", "Feature columns that drifted.")
        self._share = self._gauge(
            "intent_drift_columns_share", "Share of the feature columns that drifted."
        )
        self._score = self._gauge(
            "intent_drift_score",
            "Evidently's distance of a column from the reference, in the column's own measure.",
            "column",
        )
        self._effect = self._gauge(
            "intent_drift_effect",
            "Difference of a column from the reference, in standard deviations of the reference.",
            "column",
        )
        self._evidence = self._gauge(
            "intent_drift_evidence",
            "Standard errors by which that difference is beyond what is tolerated.",
            "column",
        )
        self._detected = self._gauge(
            "intent_drift_detected", "Whether a column drifted by our rule, 0 or 1.", "column"
        )
        self._episode = self._gauge(
            "intent_drift_episode", "Whether an episode of that kind is open, 0 or 1.", "kind"
        )
        self._waiting_alerts = self._gauge(
            "intent_alerts_waiting", "Alerts that the topic has not taken yet."
        )
        self._prediction = self._gauge(
            "intent_prediction_drift_score",
            "Evidently's distance of the predictions from those of the reference.",
        )
        self._target = self._gauge(
            "intent_target_drift_score",
            "Evidently's distance of the outcomes from those of the reference.",
        )
        self._labelled = self._gauge(
            "intent_labelled_rows", "Rows whose prediction and outcome are known."
        )
        self._performance = {
            name: self._gauge(f"intent_{name}", f"{text} where outcomes are known.")
            for name, text in (
                ("accuracy", "Accuracy"),
                ("precision", "Precision"),
                ("recall", "Recall"),
                ("f1", "F1 score"),
            )
        }
        self._interval = self._gauge(
            "intent_accuracy_bound",
            "95 % interval of that accuracy, by how many rows it is of.",
            "bound",
        )
        self._expected = self._gauge(
            "intent_expected_accuracy",
            "Accuracy that the newest window's probabilities let expect, and its 95 % interval.",
            "bound",
        )
        self._shadow_rows = self._gauge(
            "intent_shadow_rows",
            "Records of the kept windows that champion and shadow both predicted.",
            "champion",
            "shadow",
        )
        self._shadow_disagreement = self._gauge(
            "intent_shadow_disagreement",
            "Share of these on which they do not agree.",
            "champion",
            "shadow",
        )
        self._shadow_labelled = self._gauge(
            "intent_shadow_labelled_rows",
            "Those of them whose outcome is known.",
            "champion",
            "shadow",
        )
        self._shadow_accuracy = self._gauge(
            "intent_shadow_accuracy",
            "Accuracy of each of the two on these.",
            "champion",
            "shadow",
            "of",
        )
        self._lag = self._gauge(
            "intent_monitoring_lag", "Records that are yet to be read.", "topic", "partition"
        )
        self._records = Counter(
            "intent_monitoring_records",
            "Records read, by what became of them.",
            ["topic", "result"],
            registry=self.registry,
        )
        self.open_windows = self._gauge("intent_open_windows", "Windows that are not closed yet.")
        self.waiting_outcomes = self._gauge(
            "intent_waiting_outcomes", "Outcomes that wait for their window to close."
        )
        self.report_seconds = Histogram(
            "intent_report_seconds",
            "Time that a report takes.",
            buckets=(0.1, 0.3, 1, 3, 10, 30),
            registry=self.registry,
        )
        self.last_loop = self._gauge(
            "intent_monitoring_alive_seconds",
            "Last turn of the main loop, seconds since the epoch.",
        )
        self._reference = Info(
            "intent_monitoring_reference",
            "The model version whose reference set the newest report compares with.",
            registry=self.registry,
        )

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(name, documentation, labels, registry=self.registry)

    def records(self, topic: str, results: Mapping[str, int]) -> None:
        """Records of a topic were read; so many had each fate."""
        for result, count in results.items():
            self._records.labels(topic, result).inc(count)

    def lag(self, lag: Mapping[Place, int]) -> None:
        """What is yet to be read."""
        for (topic, partition), records in lag.items():
            self._lag.labels(topic, partition).set(records)

    def closed(self, summary: Summary) -> None:
        """A window was closed, and its report written if there is one."""
        self._windows.labels(summary.result).inc()
        self._unjoined.labels("customer").inc(summary.rows - summary.joined)
        self._unjoined.labels("prediction").inc(summary.predictions - summary.joined)

    def known(self, newest_first: Sequence[Summary]) -> None:
        """This is what is known of the latest windows."""
        if newest_first:
            self._newest(newest_first[0])
        reported = (each for each in newest_first if each.report)
        if (report := next(reported, None)) is not None:
            self._drift(report)
        outcomes = (each for each in newest_first if TARGET in each.columns)
        if (judged := next(outcomes, None)) is not None:
            self._column(TARGET, judged.columns[TARGET])
            self._column(CORRECT, judged.columns[CORRECT])
        enough = (each for each in newest_first if each.labelled >= self._least_labelled)
        if (measured := next(enough, None)) is not None:
            self._measured(measured)

    def episodes(self, open_: Episodes, waiting: int) -> None:
        """These episodes are open, and so many alerts of them wait to be sent."""
        for kind in COLUMNS:
            self._episode.labels(kind).set(kind in open_)
        self._waiting_alerts.set(waiting)

    def shadows(self, comparisons: Sequence[Comparison]) -> None:
        """So champion and shadow compare in the kept windows, the oldest first: the newest pair."""
        for gauge in (
            self._shadow_rows,
            self._shadow_disagreement,
            self._shadow_labelled,
            self._shadow_accuracy,
        ):
            gauge.clear()
        if not comparisons:
            return
        pair = comparisons[-1].champion, comparisons[-1].shadow
        mine = [each for each in comparisons if (each.champion, each.shadow) == pair]
        rows, labelled = sum(each.rows for each in mine), sum(each.labelled for each in mine)
        self._shadow_rows.labels(*pair).set(rows)
        self._shadow_disagreement.labels(*pair).set(sum(each.disagreed for each in mine) / rows)
        self._shadow_labelled.labels(*pair).set(labelled)
        if labelled:
            both = sum(each.both_right for each in mine)
            for of, alone in (
                ("champion", sum(each.champion_right for each in mine)),
                ("shadow", sum(each.shadow_right for each in mine)),
            ):
                self._shadow_accuracy.labels(*pair, of).set((both + alone) / labelled)

    def _newest(self, summary: Summary) -> None:
        self._rows.labels("yes").set(summary.joined)
        self._rows.labels("no").set(summary.rows - summary.joined)
        self._end.set(summary.end / 1000)
        self._invalid.clear()
        for reason, count in summary.invalid.items():
            self._invalid.labels(reason).set(count)

    def _drift(self, summary: Summary) -> None:
        self._sample.set(summary.sample_rows)
        self._reference.info({"version": summary.model_version})
        self._dataset.set(bool(summary.dataset_drift))
        self._columns.set(summary.drifted_columns or 0)
        self._share.set(summary.drifted_share or 0)
        if summary.expected_accuracy is not None:
            self._expected.labels("low").set(summary.expected_accuracy.low)
            self._expected.labels("value").set(summary.expected_accuracy.value)
            self._expected.labels("high").set(summary.expected_accuracy.high)
        for name in summary.columns.keys() - {TARGET, CORRECT}:
            self._column(name, summary.columns[name])

    def _column(self, name: str, column: Column) -> None:
        self._detected.labels(name).set(column.drifted)
        alone = {PREDICTION: self._prediction, TARGET: self._target}.get(name)
        for gauge, value in (
            (self._score.labels(name), column.score),
            (self._effect.labels(name), column.effect),
            (self._evidence.labels(name), column.evidence),
            (alone, column.score),
        ):
            if gauge is not None and value is not None:
                gauge.set(value)

    def _measured(self, summary: Summary) -> None:
        self._labelled.set(summary.labelled)
        if summary.accuracy_interval is not None:
            self._interval.labels("low").set(summary.accuracy_interval.low)
            self._interval.labels("high").set(summary.accuracy_interval.high)
        for name, gauge in self._performance.items():
            value = getattr(summary, name)
            gauge.set(float("nan") if value is None else value)
