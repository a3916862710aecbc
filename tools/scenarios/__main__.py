"""`python -m tools.scenarios`: plays the loop on a stack of its own; prints each moment.

Exit code 0: everything happened, in order. Otherwise that of the error, see `contract.errors`.
"""

import contract.startup  # noqa: F401

# isort: split
import os
import shutil
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
from tools.scenarios.play import Play
from tools.scenarios.scenes import (
    a_person_promotes_the_wrong_version,
    outcomes_are_poisoned,
    the_target_moves,
)
from tools.scenarios.timeline import Moment, Told, line
from tools.scenarios.witness import Witness

BRISK: Final = {
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
"""Settings of all stages, unless the environment says otherwise: minutes become seconds."""

TOLD: Final = "timeline.json"


def main() -> None:
    """Plays the scenes, one after another."""
    for name, value in BRISK.items():
        os.environ.setdefault(f"{PREFIX}{name}", str(value))
    settings = load(LocalSettings)
    if schema_of(settings) != CARS:
        raise BadSetting("the scenarios need the cars: unset INTENT_SCHEMA_FILE")
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    home = settings.data_dir / "scenes"
    with locked_folder(settings.data_dir, "scenes"):
        shutil.rmtree(home, ignore_errors=True)  # a play begins without a past
        home.mkdir(parents=True)
        os.environ["PREFECT_HOME"] = str(home.absolute() / "prefect")
        settings = settings.model_copy(update={"data_dir": home.absolute(), "records": 0})
        ensure_jars(settings.cache_dir)
        stop = stop_on_signal()
        try:
            with Stack(settings, stop, console.print) as stack:
                stack.start()
                told = _play(stack, stop, console)
        except Interrupted:
            console.print("stopped")
            return
    file = settings.data_dir.parent / TOLD
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told)))
    console.print(f"the timeline is in {_shown(file)}")


def _play(stack: Stack, stop: Event, console: Console) -> Told:
    own = stack.settings
    began: list[int] = []
    scenes: list[str] = []

    def say(moment: Moment) -> None:
        began.append(moment.at)
        if moment.scene not in scenes:
            scenes.append(moment.scene)
            console.print(f"\n{moment.scene}")
        console.print(line(moment, began[0]))

    witness = Witness(own, (own.dial_host, own.monitoring_port))
    try:
        play = Play(stack, witness, stop, say)
        good = the_target_moves(play)
        a_person_promotes_the_wrong_version(play, good, wrong="1")
        outcomes_are_poisoned(play)
        return Told(play.moments, sorted(play.windows, key=lambda each: each.end))
    finally:
        witness.close()


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    run_main(main)
