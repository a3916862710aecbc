"""Metrics pages -> pipeline metrics: rates, quantiles as in Prometheus, unknown values."""

from math import inf

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import start_http_server

from intent.local.scrape import Samples, increase, parse, quantile, scrape
from intent.local.status import MetricsAggregator


class Scorer:
    """The scorer's metrics, in the format in which it really serves them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.records = Counter("intent_scorer_records", "x", ["result"], registry=self.registry)
        self.latency = Histogram(
            "intent_scorer_latency_seconds", "x", registry=self.registry, buckets=(0.1, 0.2, 0.4)
        )
        self.lag = Gauge("intent_scorer_lag", "x", ["partition"], registry=self.registry)
        self.model = Gauge(
            "intent_scorer_model_info", "x", ["model", "version"], registry=self.registry
        )
        self.threshold = Gauge("intent_scorer_model_threshold_ratio", "x", registry=self.registry)
        self.threshold.set(0.5)

    def scraped(self) -> Samples:
        return parse(generate_latest(self.registry).decode())


def test_rate_covers_the_last_seconds_not_the_whole_run() -> None:
    scorer, aggregator = Scorer(), MetricsAggregator()
    for second in range(20):
        scorer.records.labels("scored").inc(1000 if second < 10 else 200)
        metrics = aggregator.add_scrape(Samples(), scorer.scraped(), float(second))

    assert metrics.rate == pytest.approx(200)
    assert metrics.scored == 12_000


def test_counts_of_a_simulator_are_kept_after_it_exited() -> None:
    sent = parse(
        'intent_simulator_records_total{validity="invalid"} 3\nintent_simulator_drift_ratio 1\n'
    )
    aggregator = MetricsAggregator()
    aggregator.add_scrape(sent, Samples(), 0)
    metrics = aggregator.add_scrape(Samples(), Samples(), 1)
    assert (metrics.sent, metrics.invalid, metrics.drift) == (3, 3, 1)


def test_latency_covers_the_last_seconds_and_total_latency_the_whole_run() -> None:
    scorer, aggregator = Scorer(), MetricsAggregator()
    scorer.records.labels("scored").inc()
    for second in range(20):
        for _ in range(100):
            scorer.latency.observe(0.35 if second < 10 else 0.05)
        metrics = aggregator.add_scrape(Samples(), scorer.scraped(), float(second))

    assert metrics.latency.p99 == pytest.approx(0.099)
    assert metrics.total_latency.p99 == pytest.approx(0.396)


def test_lag_is_the_sum_over_partitions_and_the_model_has_a_version() -> None:
    scorer = Scorer()
    scorer.lag.labels("0").set(3)
    scorer.lag.labels("1").set(4)
    scorer.model.labels("car-purchase", "7").set(1)

    metrics = MetricsAggregator().add_scrape(Samples(), scorer.scraped(), 0)

    assert (metrics.lag, metrics.model) == (7, "car-purchase 7")


@pytest.mark.parametrize(("threshold", "shown"), [(0.5, "m 7"), (1 / 101, "m 7, threshold 0.0099")])
def test_model_is_shown_with_its_threshold_unless_that_is_the_usual_one(
    threshold: float, shown: str
) -> None:
    scorer = Scorer()
    scorer.model.labels("m", "7").set(1)
    scorer.threshold.set(threshold)
    assert MetricsAggregator().add_scrape(Samples(), scorer.scraped(), 0).model == shown


def test_metrics_that_no_stage_reports_are_unknown_not_zero() -> None:
    metrics = MetricsAggregator().add_scrape(Samples(), Samples(), 0)

    assert (metrics.lag, metrics.latency.p50, metrics.model) == (None, None, "")


def test_a_quantile_is_linear_within_its_bucket() -> None:
    assert quantile(0.5, {1: 0, 2: 100, inf: 100}) == pytest.approx(1.5)
    assert quantile(0.25, {1: 50, 2: 100, inf: 100}) == pytest.approx(0.5)


def test_a_quantile_beyond_the_last_bound_is_that_bound() -> None:
    assert quantile(0.99, {1: 10, inf: 100}) == 1


def test_quantile_of_an_empty_histogram_is_unknown() -> None:
    assert quantile(0.5, {}) is None
    assert quantile(0.5, increase({1: 5, inf: 5}, {1: 5, inf: 5})) is None


def test_page_is_scraped_over_http_and_no_server_is_not_an_error() -> None:
    scorer = Scorer()
    scorer.records.labels("scored").inc(5)
    server, thread = start_http_server(0, "127.0.0.1", scorer.registry)
    port = server.server_port
    assert scrape("127.0.0.1", port).total("intent_scorer_records_total") == 5
    server.shutdown()
    server.server_close()
    thread.join()

    assert scrape("127.0.0.1", port) == Samples()
