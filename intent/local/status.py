"""Status of the running pipeline: stages' /metrics and monitoring's /windows.json."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Final

import msgspec

from contract.schema.task import DEFAULT_THRESHOLD
from intent.local.network import http_get
from intent.local.scrape import Samples, increase, quantile, scrape
from intent.local.settings import LocalSettings

POLL_INTERVAL: Final = 0.5
"""Seconds between two polls."""

RATE_WINDOW: Final = 5.0
"""Seconds over which rate and latency are computed."""

LAG: Final = "intent_scorer_lag"
LATENCY: Final = "intent_scorer_latency_seconds"
THRESHOLD: Final = "intent_scorer_model_threshold_ratio"
RECORDS: Final = "intent_scorer_records_total"
SENT_RECORDS: Final = "intent_simulator_records_total"


@dataclass(frozen=True)
class Latency:
    """Seconds from a record's timestamp to its committed prediction; None without predictions."""

    p50: float | None
    p99: float | None


@dataclass(frozen=True)
class PipelineMetrics:
    """Metrics of all stages at one moment.

    Attributes:
        sent: Records that the simulator published.
        invalid: Those that do not match the schema, on purpose.
        outcomes: Outcomes that the simulator published.
        scored: Records with a prediction.
        dead_letters: Records with a dead letter.
        rate: Records per second over the last `RATE_WINDOW` seconds.
        latency: Latency over the same seconds.
        total_latency: Latency since the scorer started.
        lag: Records that the scorer has not read yet; None while unknown.
        drift: How far the simulated drift has progressed, from 0 to 1.
        model: Name and version of the champion, and its decision threshold unless that is 0.5;
            empty while unknown.
    """

    sent: int
    invalid: int
    outcomes: int
    scored: int
    dead_letters: int
    rate: float
    latency: Latency
    total_latency: Latency
    lag: int | None
    drift: float
    model: str


class WindowColumn(msgspec.Struct, frozen=True):
    """Drift of one column: effect in standard deviations of the reference; whether it drifted."""

    effect_size: float | None
    drifted: bool


class MeasuredScore(msgspec.Struct, frozen=True):
    """A score of a window, without the bounds of its interval."""

    value: float


class WindowErrors(msgspec.Struct, frozen=True):
    """Scores of predicted numbers; None where undefined.

    Attributes:
        mae: Mean absolute error, in the target's unit.
        coverage: Share of the outcomes inside their prediction interval.
    """

    mae: MeasuredScore | None = None
    coverage: MeasuredScore | None = None


class WindowStatus(msgspec.Struct, frozen=True):
    """A closed window: the part of monitoring's summary that is displayed.

    Attributes:
        start: ms since the epoch.
        end: ms since the epoch, exclusive.
        rows: Customer records in the window that match the schema.
        result: Whether there is a report, or why there is none.
        columns: Drift by column name.
        labelled_rows: Rows whose outcome is known; `accuracy` is computed over these.
        accuracy: Between 0 and 1; None without outcomes, and for a number.
        regression: Scores of a number; None without outcomes, and for classes.
        report: File name; None without a report.
    """

    start: int
    end: int
    rows: int
    result: str
    columns: dict[str, WindowColumn] = {}
    labelled_rows: int = 0
    accuracy: float | None = None
    regression: WindowErrors | None = None
    report: str | None = None


@dataclass(frozen=True)
class PipelineStatus:
    """Metrics, and the closed windows, newest first."""

    metrics: PipelineMetrics
    windows: list[WindowStatus]


@dataclass(frozen=True)
class _Scrape:
    time: float
    records: float
    latency: dict[float, float]


class MetricsAggregator:
    """Computes rates from the scrapes of the last seconds."""

    def __init__(self) -> None:
        self._scrapes: deque[_Scrape] = deque()
        self._simulator = Samples()

    def add_scrape(self, simulator: Samples, scorer: Samples, now: float) -> PipelineMetrics:
        """Adds a scrape of both stages.

        Args:
            simulator: Samples of the simulator; empty if it did not answer.
            scorer: Samples of the scorer; empty if it did not answer.
            now: Seconds of a monotonic clock.

        Returns:
            The metrics at `now`.
        """
        if simulator.values:  # a simulator that has exited keeps its last counts
            self._simulator = simulator
        simulator = self._simulator
        latest = _Scrape(now, scorer.total(RECORDS), scorer.buckets(LATENCY))
        if scorer.has(RECORDS):
            self._keep(latest)
        oldest = self._scrapes[0] if self._scrapes else latest
        seconds = latest.time - oldest.time
        return PipelineMetrics(
            sent=int(simulator.total(SENT_RECORDS)),
            invalid=int(simulator.total(SENT_RECORDS, validity="invalid")),
            outcomes=int(simulator.total("intent_simulator_outcomes_total")),
            scored=int(scorer.total(RECORDS, result="scored")),
            dead_letters=int(scorer.total(RECORDS, result="dead_letter")),
            rate=(latest.records - oldest.records) / seconds if seconds else 0.0,
            latency=_latency(increase(latest.latency, oldest.latency)),
            total_latency=_latency(latest.latency),
            lag=int(scorer.total(LAG)) if scorer.has(LAG) else None,
            drift=simulator.total("intent_simulator_drift_ratio"),
            model=_model(scorer),
        )

    def _keep(self, latest: _Scrape) -> None:
        self._scrapes.append(latest)
        while len(self._scrapes) > 2 and latest.time - self._scrapes[1].time >= RATE_WINDOW:
            self._scrapes.popleft()


class StatusPoller:
    """Polls the stages; keeps the last scrapes to compute rates."""

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self._aggregator = MetricsAggregator()

    def poll(self) -> PipelineStatus:
        """Takes a few milliseconds. A stage that does not answer counts as zero."""
        settings = self._settings
        host, token = settings.dial_host, settings.listen_token.get_secret_value()
        simulator = scrape(host, settings.simulator_port, token)
        scorer = scrape(host, settings.scorer_port, token)
        metrics = self._aggregator.add_scrape(simulator, scorer, time.monotonic())
        return PipelineStatus(metrics, fetch_windows(host, settings.monitoring_port, token))


def fetch_windows(host: str, port: int, token: str = "") -> list[WindowStatus]:
    """The closed windows, newest first; empty if monitoring does not answer."""
    body = http_get(host, port, "/windows.json", token=token)
    return msgspec.json.decode(body, type=list[WindowStatus]) if body else []


def _latency(buckets: dict[float, float]) -> Latency:
    return Latency(quantile(0.5, buckets), quantile(0.99, buckets))


def _model(scorer: Samples) -> str:
    """Name, version and decision threshold of the champion that scores."""
    infos = (labels for labels, value in scorer.matching("intent_scorer_model_info") if value)
    labels = next(infos, None)
    if not labels:
        return ""
    name = f"{labels['model']} {labels['version']}"
    threshold = scorer.total(THRESHOLD) if scorer.has(THRESHOLD) else DEFAULT_THRESHOLD
    return name if threshold == DEFAULT_THRESHOLD else f"{name}, threshold {threshold:.3g}"
