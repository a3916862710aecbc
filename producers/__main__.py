"""`python -m producers`: simulates customers; `python -m producers replay`: publishes a file."""

import contract.startup  # noqa: F401

# isort: split
import argparse
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from contract import kafka, process
from contract.http_access import access_policy
from contract.logs import configure_logs
from contract.schema import CARS
from contract.settings import load, schema_of
from contract.shutdown import Shutdown
from contract.topics import topics
from data import dataset
from data.population import Population
from producers.metrics import ProducerMetrics
from producers.publisher import Outlet, Publisher
from producers.replay import events, replay
from producers.resampler import Resampler, Resampling
from producers.schedule import Drift, Rate
from producers.settings import ProducerSettings
from producers.simulate import Simulation
from producers.simulator import Scenario, Simulator

log = logging.getLogger("producers")

FLAGS = (
    "dataset", "records", "rate", "burst_interval", "burst_duration", "burst_factor", "seed",
    "invalid_ratio", "outcome_delay", "drift_start", "drift_ramp", "drift_end", "drift_age_shift",
    "drift_salary_factor", "drift_male_ratio", "drift_concept_shift", "drift_column",
    "drift_column_weight", "label_noise_start", "label_noise_end", "label_noise_ratio",
)  # fmt: skip
"""Settings that can be given on the command line as well; there they have the last word."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and publishes."""
    given = _given(_parser().parse_args(arguments))
    command = given.pop("command")
    settings = load(ProducerSettings, **given)
    configure_logs(settings.log_level, settings.log_format)
    stop = process.stop_on_signal()
    run = f"{time.time_ns() // 1_000_000:x}"
    began = time.monotonic()
    with Shutdown(stop):
        if command == "replay":
            schema = schema_of(settings)
            rows = dataset.load(settings.dataset, schema)[: settings.records or None]
            coming = events(rows, run, schema)
            with _outlet(settings) as outlet:
                sent = replay(coming, len(rows), _rate(settings), outlet, stop)
        else:
            with _outlet(settings) as outlet:
                sent = _simulate(settings, run, outlet, stop)
    seconds = time.monotonic() - began
    log.info("published %d records in %.1f s (%.0f records/s)", sent, seconds, sent / seconds)


@contextmanager
def _outlet(settings: ProducerSettings) -> Iterator[Outlet]:
    """Topics that are there, and metrics that are served while records go to them."""
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
        yield Outlet(Publisher(settings), names, metrics)
    finally:
        stop_serving()


def _simulate(settings: ProducerSettings, run: str, outlet: Outlet, stop: threading.Event) -> int:
    drift = Drift(settings.drift_start, settings.drift_ramp, settings.drift_end)
    simulation = Simulation(_simulator(settings, run, drift), outlet)
    return simulation.run(_rate(settings), drift, settings.records, stop)


def _simulator(settings: ProducerSettings, run: str, drift: Drift) -> Simulator | Resampler:
    lies = Drift(settings.label_noise_start, until=settings.label_noise_end)
    schema = schema_of(settings)
    if schema != CARS:
        told = Resampling(
            run,
            settings.seed,
            settings.drift_column,
            settings.drift_column_weight,
            drift,
            lies,
            settings.label_noise_ratio,
            settings.invalid_ratio,
            settings.features_only,
            settings.outcome_delay,
        )
        return Resampler(dataset.load(settings.dataset, schema), told, schema)
    scenario = Scenario(
        run=run,
        seed=settings.seed,
        drifted=Population(
            share_of_men=settings.drift_male_ratio,
            age_shift=settings.drift_age_shift,
            salary_factor=settings.drift_salary_factor,
            reluctance=settings.drift_concept_shift,
        ),
        drift=drift,
        lies=lies,
        lying=settings.label_noise_ratio,
        invalid_ratio=settings.invalid_ratio,
        features_only=settings.features_only,
        outcome_delay=settings.outcome_delay,
    )
    return Simulator(scenario)


def _rate(settings: ProducerSettings) -> Rate:
    return Rate(
        settings.rate, settings.burst_interval, settings.burst_duration, settings.burst_factor
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m producers", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("simulate", "replay"), default="simulate")
    parser.add_argument(
        "--features-only",
        action="store_true",
        default=None,
        help=ProducerSettings.model_fields["features_only"].description,
    )
    for name in FLAGS:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            metavar="VALUE",
            help=ProducerSettings.model_fields[name].description,
        )
    return parser


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(arguments).items() if value is not None}


if __name__ == "__main__":
    process.run_main(main)
