"""`python -m producers`: simulates customers; `python -m producers replay`: publishes a file."""

import argparse
import logging
import time
from collections.abc import Sequence
from typing import Any

from contract import kafka, process
from contract.settings import load
from contract.topics import topics
from data.population import Population
from producers.metrics import ProducerMetrics
from producers.publisher import Outlet, Publisher
from producers.replay import replay
from producers.schedule import Drift, Rate
from producers.settings import ProducerSettings
from producers.simulate import Simulation
from producers.simulator import Scenario, Simulator

log = logging.getLogger("producers")

FLAGS = (
    "dataset", "records", "rate", "burst_every", "burst_seconds", "burst_factor", "seed",
    "bad_share", "outcome_delay", "drift_after", "drift_over", "drift_age", "drift_salary",
    "drift_men", "drift_reluctance",
)  # fmt: skip
"""Settings that can be given on the command line as well; there they have the last word."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and publishes."""
    given = _parser().parse_args(arguments)
    command = given.__dict__.pop("command")
    settings = load(ProducerSettings, **_given(given))
    process.configure_logs(settings.log_level)
    stop = process.stop_on_signal()
    kafka.check_broker(settings)
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    metrics = ProducerMetrics()
    stop_serving = process.serve_metrics(
        metrics.registry, settings.listen_host, settings.simulator_port
    )
    outlet = Outlet(Publisher(settings), names, metrics)
    rate = Rate(settings.rate, settings.burst_every, settings.burst_seconds, settings.burst_factor)
    run = f"{time.time_ns() // 1_000_000:x}"
    began = time.monotonic()
    try:
        if command == "replay":
            sent = replay(settings.dataset, run, rate, outlet, stop)
        else:
            drift = Drift(settings.drift_after, settings.drift_over)
            simulator = Simulator(_scenario(settings, run, drift))
            simulation = Simulation(simulator, outlet)
            sent = simulation.run(rate, drift, settings.records, stop)
    finally:
        stop_serving()
    seconds = time.monotonic() - began
    log.info("published %d records in %.1f s (%.0f records/s)", sent, seconds, sent / seconds)


def _scenario(settings: ProducerSettings, run: str, drift: Drift) -> Scenario:
    return Scenario(
        run=run,
        seed=settings.seed,
        drifted=Population(
            share_of_men=settings.drift_men,
            age_shift=settings.drift_age,
            salary_factor=settings.drift_salary,
            reluctance=settings.drift_reluctance,
        ),
        drift=drift,
        bad_share=settings.bad_share,
        minimal=settings.minimal,
        outcome_delay=settings.outcome_delay,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m producers", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("simulate", "replay"), default="simulate")
    parser.add_argument("--minimal", action="store_true", default=None)
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
