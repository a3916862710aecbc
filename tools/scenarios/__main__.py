"""`python -m tools.scenarios [FOLDER]`: runs the scenarios on their own stack; prints each moment.

With FOLDER, writes the page and the chart of the docs to it.

Exit code 0: everything happened, in order. Otherwise that of the error, see `contract.errors`.
"""

import contract.startup  # noqa: F401

# isort: split
import os
import shutil
import sys
from pathlib import Path
from threading import Event
from typing import Final

import msgspec
from rich.console import Console

from contract.errors import BadSetting
from contract.folders import locked_folder
from contract.process import run_main, stop_on_signal
from contract.schema import CARS
from contract.settings import PREFIX, load, schema_of
from intent.local.kafka.jars import ensure_jars
from intent.local.settings import LocalSettings
from intent.local.stack import Interrupted, Stack
from tools.scenarios.observer import Observer
from tools.scenarios.page import write_page
from tools.scenarios.runner import ScenarioRunner
from tools.scenarios.scenarios import label_noise, target_drift, wrong_promotion
from tools.scenarios.timeline import Moment, Timeline, format_moment

FAST_SETTINGS: Final = {
    "RATE": 500,
    "INVALID_RATIO": 0.001,
    "OUTCOME_DELAY": 0.5,
    "WINDOW_SECONDS": 4,
    "SAMPLE_ROWS": 1_000,
    "ALLOWED_LATENESS": 1,
    "REFERENCE_POLL_INTERVAL": 1,
    "MODEL_POLL_INTERVAL": 1,
    "LOOKBACK_MIN_ROWS": 1_000,
    "RETRAIN_ALERT_KINDS": "target_drift,performance",
    "RETRAIN_DELAY": 0,
    "RETRAIN_COOLDOWN": 20,
    "PROBATION_RECORDS": 6_000,
    "TRAINING_CRON": "0 0 1 1 *",
}
"""Settings of all stages, unless the environment sets them: seconds instead of minutes."""

TIMELINE_FILE: Final = "timeline.json"


def main() -> None:
    """Runs the scenarios, one after another."""
    for name, value in FAST_SETTINGS.items():
        os.environ.setdefault(f"{PREFIX}{name}", str(value))
    settings = load(LocalSettings)
    if schema_of(settings) != CARS:
        raise BadSetting("the scenarios need the cars schema: unset INTENT_SCHEMA_FILE")
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    data_dir = settings.data_dir / "scenarios"
    with locked_folder(settings.data_dir, "scenarios"):
        shutil.rmtree(data_dir, ignore_errors=True)  # a run starts without state
        data_dir.mkdir(parents=True)
        os.environ["PREFECT_HOME"] = str(data_dir.absolute() / "prefect")
        settings = settings.model_copy(update={"data_dir": data_dir.absolute(), "records": 0})
        ensure_jars(settings.cache_dir)
        stop = stop_on_signal()
        try:
            with Stack(settings, stop, console.print) as stack:
                stack.start()
                timeline = _run_scenarios(stack, stop, console)
        except Interrupted:
            console.print("stopped")
            return
    file = settings.data_dir.parent / TIMELINE_FILE
    file.write_bytes(msgspec.json.format(msgspec.json.encode(timeline)))
    console.print(f"the timeline is in {_relative(file)}")
    if len(sys.argv) > 1:
        write_page(timeline, Path(sys.argv[1]))


def _run_scenarios(stack: Stack, stop: Event, console: Console) -> Timeline:
    settings = stack.settings
    moments: list[Moment] = []

    def print_moment(moment: Moment) -> None:
        if moment.scenario not in {earlier.scenario for earlier in moments}:
            console.print(f"\n{moment.scenario}")
        moments.append(moment)
        console.print(format_moment(moment, moments[0].time))

    observer = Observer(settings, (settings.dial_host, settings.monitoring_port))
    try:
        run = ScenarioRunner(stack, observer, stop, print_moment)
        good = target_drift(run)
        wrong_promotion(run, good, wrong="1")
        label_noise(run)
        return Timeline(run.moments, sorted(run.windows, key=lambda window: window.end))
    finally:
        observer.close()


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    run_main(main)
