"""`python -m compose.local`: the whole pipeline, until Ctrl-C, or until so many records are done.

Exit code 0: a bounded run was complete, or an unbounded one was stopped (Ctrl-C, SIGTERM) and
everything that was started has ended. Otherwise that of the error, see `contract.errors`.
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Final

from rich.console import Console

from compose.local import bounded
from compose.local.display import display
from compose.local.home import claimed
from compose.local.kafka.jars import ensure_jars
from compose.local.settings import LocalSettings
from compose.local.stack import Interrupted, Stack
from compose.local.stages import Traffic
from compose.local.view import View, Viewer
from compose.local.words import header, summary_in_words
from contract.process import run, stop_on_signal
from contract.settings import load

LOOK_EVERY: Final = 0.5
"""Seconds."""


def main() -> None:
    """Starts, shows and stops the stack."""
    arguments = _arguments()
    settings = load(LocalSettings, **({"home": arguments.home} if arguments.home else {}))
    traffic = Traffic(
        records=arguments.records,
        rate=arguments.rate,
        drift_after=arguments.drift_after,
        drift_over=arguments.drift_over,
        bad_share=arguments.bad_share,
    )
    console = Console(highlight=False)
    with claimed(settings.home) as home:
        settings = settings.model_copy(update={"home": home})
        if settings.starts_broker:
            ensure_jars(settings.cache)  # may take a while: here Ctrl-C still ends it
        stop = stop_on_signal()
        try:
            with Stack(settings, stop, console.print) as stack:
                stack.start()
                console.print(header(stack.settings, traffic))
                _show(stack, traffic, stop, console)
                console.print("stopping")
        except Interrupted:
            pass
        console.print("stopped")


def _show(stack: Stack, traffic: Traffic, stop: Event, console: Console) -> None:
    with display(console) as shown:
        if traffic.records:
            summary = bounded.run(stack, traffic, stop, shown.show)
        else:
            _watch(stack, traffic, stop, shown.show)
            return
    console.print(summary_in_words(summary))


def _watch(stack: Stack, traffic: Traffic, stop: Event, show: Callable[[View], None]) -> None:
    stack.simulate(traffic)
    viewer = Viewer(stack.settings)
    while not stop.wait(LOOK_EVERY):
        stack.check()
        show(viewer.look())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m compose.local",
        description="The whole pipeline on this machine, until Ctrl-C.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--records", type=_count, help="publish so many records, then end")
    parser.add_argument("--rate", type=_positive, default=1000, help="records a second")
    parser.add_argument(
        "--drift-after", type=_not_negative, default=60, help="seconds until customers change"
    )
    parser.add_argument(
        "--drift-over", type=_not_negative, default=20, help="seconds that the change takes"
    )
    parser.add_argument(
        "--bad-share", type=_share, default=0.001, help="share of records that are invalid"
    )
    parser.add_argument("--home", type=Path, help="folder for everything kept, as INTENT_HOME")
    return parser.parse_args()


def _count(text: str) -> int:
    return int(_within(float(int(text)), 1, math.inf))


def _positive(text: str) -> float:
    return _within(float(text), math.ulp(0), math.inf)


def _not_negative(text: str) -> float:
    return _within(float(text), 0, math.inf)


def _share(text: str) -> float:
    return _within(float(text), 0, 1)


def _within(number: float, least: float, most: float) -> float:
    if not least <= number <= most or math.isinf(number):
        raise argparse.ArgumentTypeError(f"{number:g} is out of range")
    return number


if __name__ == "__main__":
    run(main)
