"""`python -m intent.local`: the whole pipeline, until Ctrl-C, or until so many records are done.

Exit code 0: a bounded run was complete, or an unbounded one was stopped (Ctrl-C, SIGTERM) and
everything that was started has ended. Otherwise that of the error, see `contract.errors`.
"""

import contract.startup  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence
from threading import Event
from typing import Final

from rich.console import Console

from contract.folders import locked_folder
from contract.process import run_main, stop_on_signal
from contract.settings import load
from intent.local import bounded
from intent.local.display import display
from intent.local.kafka.jars import ensure_jars
from intent.local.settings import LocalSettings
from intent.local.stack import Interrupted, Stack
from intent.local.view import LOOK_EVERY, Viewer
from intent.local.words import header, summary_in_words

FLAGS: Final = ("data_dir", "records", "rate", "invalid_ratio", "drift_start", "drift_ramp")
"""Settings that can be given on the command line as well; there they have the last word."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Starts, shows and stops the stack."""
    settings = load(LocalSettings, **_given(arguments))
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    with locked_folder(settings.data_dir, "stack") as home:
        settings = settings.model_copy(update={"data_dir": home})
        if settings.starts_broker:
            ensure_jars(settings.cache_dir)  # may take a while: here Ctrl-C still ends it
        stop = stop_on_signal()
        try:
            with Stack(settings, stop, console.print) as stack:
                stack.start()
                console.print(header(stack.settings))
                if settings.records:
                    _bounded(stack, stop, console)
                else:
                    _unbounded(stack, stop, console)
                console.print("stopping")
        except Interrupted:
            pass  # by now everything has stopped
        console.print("stopped")


def _bounded(stack: Stack, stop: Event, console: Console) -> None:
    with display(console) as shown:
        summary = bounded.run(stack, stop, shown.show)
    console.print(summary_in_words(summary))


def _unbounded(stack: Stack, stop: Event, console: Console) -> None:
    stack.simulate()
    viewer = Viewer(stack.settings)
    with display(console) as shown:
        while not stop.wait(LOOK_EVERY):
            stack.check()
            shown.show(viewer.look())


def _given(arguments: Sequence[str] | None) -> dict[str, str]:
    parser = argparse.ArgumentParser(
        prog="python -m intent.local",
        description="The whole pipeline on this machine, on a real Kafka.",
    )
    for name in FLAGS:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            metavar="VALUE",
            help=LocalSettings.model_fields[name].description,
        )
    given = vars(parser.parse_args(arguments))
    return {name: value for name, value in given.items() if value is not None}


if __name__ == "__main__":
    run_main(main)
