"""Publishes simulated customers, or the rows of a data set, and their outcomes."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from contract import kafka, process
from contract.http_access import access_policy
from contract.logs import configure_logs
from contract.schema import CARS
from contract.settings import load, schema_of
from contract.shutdown import Shutdown
from contract.topics import topics
from data import dataset
from data.population import Population
from producers.customer_simulator import CustomerSimulator
from producers.metrics import ProducerMetrics
from producers.publisher import Publisher, RecordSink
from producers.replay import publish_replay, replay_events
from producers.resampler import Resampler
from producers.schedule import DriftSchedule, Rate
from producers.settings import ProducerSettings
from producers.simulation import SimulationRun
from producers.simulator import SimulationConfig, Simulator

log = logging.getLogger("producers")


def publish(overrides: Mapping[str, object], replay: bool = False) -> None:
    """Publishes until all records are published, or until SIGTERM or SIGINT.

    Args:
        overrides: Settings by name that take precedence over variables and file.
        replay: Publish the rows of the data set instead of simulated customers.
    """
    settings = load(ProducerSettings, **overrides)
    configure_logs(settings.log_level, settings.log_format)
    stop = process.stop_on_signal()
    run = f"{time.time_ns() // 1_000_000:x}"
    started = time.monotonic()
    with Shutdown(stop):
        if replay:
            schema = schema_of(settings)
            rows = dataset.load_dataset(settings.dataset, schema)[: settings.records or None]
            events = replay_events(rows, run, schema)
            with _open_sink(settings) as sink:
                sent = publish_replay(events, len(rows), _rate(settings), sink, stop)
        else:
            with _open_sink(settings) as sink:
                sent = _simulate(settings, run, sink, stop)
    seconds = time.monotonic() - started
    log.info("published %d records in %.1f s (%.0f records/s)", sent, seconds, sent / seconds)


@contextmanager
def _open_sink(settings: ProducerSettings) -> Iterator[RecordSink]:
    """Creates the topics, and serves metrics during the block."""
    metrics = ProducerMetrics()
    stop_serving = process.serve_metrics(
        metrics.registry,
        settings.listen_host,
        settings.simulator_port,
        access_policy(settings),
    )
    try:
        names = topics(settings)
        kafka.ensure_topics(settings, names)
        yield RecordSink(Publisher(settings), names, metrics)
    finally:
        stop_serving()


def _simulate(settings: ProducerSettings, run: str, sink: RecordSink, stop: threading.Event) -> int:
    drift = DriftSchedule(settings.drift_start, settings.drift_ramp, settings.drift_end)
    simulation = SimulationRun(_simulator(settings, run, drift), sink)
    return simulation.run(_rate(settings), drift, settings.records, stop)


def _simulator(settings: ProducerSettings, run: str, drift: DriftSchedule) -> Simulator:
    config = SimulationConfig(
        run=run,
        seed=settings.seed,
        drift=drift,
        label_noise=DriftSchedule(settings.label_noise_start, end=settings.label_noise_end),
        label_noise_ratio=settings.label_noise_ratio,
        invalid_ratio=settings.invalid_ratio,
        features_only=settings.features_only,
        outcome_delay=settings.outcome_delay,
    )
    schema = schema_of(settings)
    if schema != CARS:
        return Resampler(
            dataset.load_dataset(settings.dataset, schema),
            config,
            schema,
            column=settings.drift_column,
            weight=settings.drift_column_weight,
        )
    drifted = Population(
        male_ratio=settings.drift_male_ratio,
        age_shift=settings.drift_age_shift,
        salary_factor=settings.drift_salary_factor,
        concept_shift=settings.drift_concept_shift,
    )
    return CustomerSimulator(config, drifted)


def _rate(settings: ProducerSettings) -> Rate:
    return Rate(
        settings.rate, settings.burst_interval, settings.burst_duration, settings.burst_factor
    )
