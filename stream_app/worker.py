"""The worker process that runs the app, also under Faust's own command line."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any, Final, NoReturn, Protocol, cast

import faust

from contract import process
from contract.errors import PipelineError
from stream_app.batch_processor import BatchProcessor

COLLECTION_THRESHOLD: Final = 200_000
"""More container objects than a batch of the default size creates before it releases them."""


class _ScorerApp(Protocol):
    def open_scorer(self, stop_worker: Callable[[], None]) -> BatchProcessor: ...


class ScorerWorker(faust.Worker):
    """Opens the scorer before the event loop starts, and exits with the code of its failure."""

    def __init__(self, app: Any, *services: Any, **options: Any) -> None:
        super().__init__(app, *services, **options)
        self.spinner = None  # not in a log

    def stop_soon(self) -> None:
        """Stops as on SIGTERM, by mode's own way: its shutdown waits for this future."""
        if self._signal_stop_future is None:
            self._signal_stop_future = asyncio.ensure_future(self.stop(), loop=self.loop)

    def execute_from_commandline(self) -> NoReturn:
        """Runs until a signal or a failure. Exits with the failure's code."""
        process.run_main(self._execute)

    def _execute(self) -> None:
        processor = cast(_ScorerApp, self.app).open_scorer(stop_worker=self.stop_soon)
        _tune_garbage_collector()
        try:
            super().execute_from_commandline()
        except SystemExit:
            if isinstance(processor.failure, PipelineError):
                raise processor.failure from None
            raise


def _tune_garbage_collector() -> None:
    """Keeps the cycle collector from the objects of libraries and of batches, which have no cycles.

    With a backlog, it took half of a worker's time.
    """
    gc.freeze()
    gc.set_threshold(COLLECTION_THRESHOLD, 10, 10)
