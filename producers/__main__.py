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
from contract.guard import guard
from contract.settings import load
from contract.shutdown import Shutdown
from contract.table.chosen import IS_CARS
from contract.topics import topics
from data import dataset
from data.population import Population
from producers.metrics import ProducerMetrics
from producers.publisher import Outlet, Publisher
from producers.replay import replay
from producers.resampler import Resampler, Resampling
from producers.schedule import Drift, Rate
from producers.settings import ProducerSettings
from producers.simulate import Simulation
from producers.simulator import Scenario, Simulator

log = logging.getLogger("producers")

FLAGS = (
    "dataset", "records", "rate", "burst_every", "burst_seconds", "burst_factor", "seed",
    "bad_share", "outcome_delay", "drift_after", "drift_over", "drift_until", "drift_age",
    "drift_salary", "drift_men", "drift_reluctance", "drift_column", "drift_weight", "lies_after",
    "lies_until", "lies_share",
)  # fmt: skip
"""Settings that can be given on the command line as well; there they have the last word."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and publishes."""
    given = _given(_parser().parse_args(arguments))
    command = given.pop("command")
    settings = load(ProducerSettings, **given)
    process.configure_logs(settings.log_level, settings.log_format)
    stop = process.stop_on_signal()
    run = f"{time.time_ns() // 1_000_000:x}"
    began = time.monotonic()
    with Shutdown(stop):
        if command == "replay":
            rows = dataset.load(settings.dataset)[: settings.records or None]
            with _outlet(settings) as outlet:
                sent = replay(rows, run, _rate(settings), outlet, stop)
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
        guard(settings),
    )
    try:
        names = topics(settings)
        kafka.ensure_topics(settings, names)
        yield Outlet(Publisher(settings), names, metrics)
    finally:
        stop_serving()


def _simulate(settings: ProducerSettings, run: str, outlet: Outlet, stop: threading.Event) -> int:
    drift = Drift(settings.drift_after, settings.drift_over, settings.drift_until)
    simulation = Simulation(_simulator(settings, run, drift), outlet)
    return simulation.run(_rate(settings), drift, settings.records, stop)


def _simulator(settings: ProducerSettings, run: str, drift: Drift) -> Simulator | Resampler:
    lies = Drift(settings.lies_after, until=settings.lies_until)
    if not IS_CARS:
        told = Resampling(
            run,
            settings.seed,
            settings.drift_column,
            settings.drift_weight,
            drift,
            lies,
            settings.lies_share,
            settings.bad_share,
            settings.minimal,
            settings.outcome_delay,
        )
        return Resampler(dataset.load(settings.dataset), told)
    scenario = Scenario(
        run=run,
        seed=settings.seed,
        drifted=Population(
            share_of_men=settings.drift_men,
            age_shift=settings.drift_age,
            salary_factor=settings.drift_salary,
            reluctance=settings.drift_reluctance,
        ),
        drift=drift,
        lies=lies,
        lying=settings.lies_share,
        bad_share=settings.bad_share,
        minimal=settings.minimal,
        outcome_delay=settings.outcome_delay,
    )
    return Simulator(scenario)


def _rate(settings: ProducerSettings) -> Rate:
    return Rate(settings.rate, settings.burst_every, settings.burst_seconds, settings.burst_factor)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m producers", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("simulate", "replay"), default="simulate")
    parser.add_argument(
        "--minimal",
        action="store_true",
        default=None,
        help=ProducerSettings.model_fields["minimal"].description,
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
    process.run(main)
