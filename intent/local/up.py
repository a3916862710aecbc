"""`intent up`: runs the whole pipeline, until Ctrl-C or until all records are processed."""

from threading import Event

from rich.console import Console

from contract.folders import locked_folder
from contract.process import stop_on_signal
from contract.settings import load, schema_of
from intent.local import bounded_run
from intent.local.display import display
from intent.local.format import format_header, format_summary
from intent.local.kafka.jars import ensure_jars
from intent.local.settings import LocalSettings
from intent.local.stack import Interrupted, Stack
from intent.local.status import POLL_INTERVAL, StatusPoller


def run_stack(overrides: dict[str, object]) -> None:
    """Starts the stack, displays it, and stops it.

    Args:
        overrides: Settings by name that take precedence over variables and file.

    Raises:
        PipelineError: The stack could not start, a process failed, or a bounded run is incomplete.
    """
    settings = load(LocalSettings, **overrides)
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    with locked_folder(settings.data_dir, "stack") as data_dir:
        settings = settings.model_copy(update={"data_dir": data_dir})
        if settings.starts_broker:
            ensure_jars(settings.cache_dir)  # may take long: Ctrl-C still ends the process here
        stop = stop_on_signal()
        try:
            with Stack(settings, stop, console.print) as stack:
                stack.start()
                console.print(format_header(stack.settings))
                if settings.records:
                    _run_bounded(stack, stop, console)
                else:
                    _run_until_stopped(stack, stop, console)
                console.print("stopping")
        except Interrupted:
            pass  # everything has stopped
        console.print("stopped")


def _run_bounded(stack: Stack, stop: Event, console: Console) -> None:
    with display(console, schema_of(stack.settings).task) as shown:
        summary = bounded_run.run(stack, stop, shown.show)
    console.print(format_summary(summary))


def _run_until_stopped(stack: Stack, stop: Event, console: Console) -> None:
    stack.simulate()
    poller = StatusPoller(stack.settings)
    with display(console, schema_of(stack.settings).task) as shown:
        while not stop.wait(POLL_INTERVAL):
            stack.check()
            shown.show(poller.poll())
