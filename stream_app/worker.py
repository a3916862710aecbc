"""The worker that runs the app, from Faust's command line as from ours; faults in one line."""

import asyncio
import gc
from typing import Any, Final, NoReturn, cast

import faust

from contract import process
from contract.errors import PipelineError
from stream_app.pipeline import open_pipeline
from stream_app.scorer_app import ScorerApp

COLLECT_AFTER: Final = 200_000
"""More container objects than a batch of the default size makes before it lets go of them."""


class ScorerWorker(faust.Worker):
    """Opens the pipeline before the event loop starts, and says why it ended."""

    def __init__(self, app: Any, *services: Any, **given: Any) -> None:
        super().__init__(app, *services, **given)
        self.spinner = None  # a log is no place for it

    def end(self) -> None:
        """Stops as on SIGTERM, in mode's own way: its shutdown waits for this very future."""
        if self._signal_stop_future is None:
            self._signal_stop_future = asyncio.ensure_future(self.stop(), loop=self.loop)

    def execute_from_commandline(self) -> NoReturn:
        """Runs until a signal or a fault; exits with the fault's code."""
        process.run_main(self._execute)

    def _execute(self) -> None:
        app = cast(ScorerApp, self.app)
        app.pipeline = open_pipeline(app.settings, app.first)
        app.end = self.end
        _spare_the_collector()
        try:
            super().execute_from_commandline()
        except SystemExit:
            failure = app.pump.failure if app.pump else None
            if isinstance(failure, PipelineError):
                raise failure from None
            raise


def _spare_the_collector() -> None:
    """Keeps the cycle collector off the libraries' objects and off batches, which have no cycles.

    It took half of the time of a worker with a backlog.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 10, 10)
