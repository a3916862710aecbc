"""Kafka -> the agent's channel -> the agent's sink -> Kafka: the worker's beating heart."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from mode import Service

from contract import process
from contract.errors import PipelineError, WorkerFailed
from stream_app.committer import Committer
from stream_app.pipeline import Pipeline
from stream_app.scoring.score import Scored
from stream_app.transport.batches import Batch
from stream_app.transport.transactions import Aborted

log = logging.getLogger(__name__)

IDLE_WAIT: Final = 0.1
"""Seconds of one call in which an idle worker waits for a record; a record ends it at once."""

DRAIN: Final = 4.0
"""Seconds that a worker which is told to stop gives the batches in hand."""

GONE: Final = 2 * DRAIN
"""Seconds after which such a worker is gone, even if its Kafka client does not let go."""

LAG_EVERY: Final = 1.0

R = TypeVar("R")


class Pump(Service):
    """Takes batches, hands them to the agent, commits what it yields.

    With a backlog, the transaction of a batch runs beside the scoring of the next. Without one,
    a batch is taken only once the one before is committed: late, so that it holds more. Where a
    transaction is aborted, its batch and what was taken after it are read again.

    `end` ends the worker; it is called once `failure` says why. Nothing is committed after that.
    """

    def __init__(self, channel: Any, pipeline: Pipeline, end: Callable[[], None]) -> None:
        super().__init__()
        self._channel = channel
        self._batches = pipeline.batches
        self._metrics = pipeline.metrics
        self._committer = Committer(pipeline)
        self._end = end
        self._reader = ThreadPoolExecutor(1, "reader")  # one, so that its calls never overlap
        self._in_flight = 0
        self._backlog = False
        self._again: list[Batch] = []
        self._changed = asyncio.Event()
        self._fed = asyncio.Event()
        self._transaction: asyncio.Task[None] | None = None
        self._draining = False
        self._gone: threading.Timer | None = None
        self._lag_at = 0.0
        self.progress = pipeline.progress
        self.failure: BaseException | None = None

    @property
    def ready(self) -> bool:
        """Whether this worker is a member of the group and takes records."""
        return self.failure is None and not self._draining and self._batches.joined

    @Service.task
    async def _feed(self) -> None:
        try:
            while not self._ending:
                self.progress.turn()
                await self._until_in_flight(1 if self._backlog and not self._again else 0)
                if self._again:
                    await self._rewind()
                if not self._ending:
                    await self._feed_one()
        except Exception as failure:  # noqa: BLE001  whatever it is, the worker stops
            await self._fail(failure)
        finally:
            self._fed.set()

    @property
    def _ending(self) -> bool:
        return self.should_stop or self._draining or self.failure is not None

    async def _feed_one(self) -> None:
        if time.monotonic() >= self._lag_at:  # before there is a batch, which would wait for it
            self._lag_at = time.monotonic() + LAG_EVERY
            self._note_lag()
        batch = await self._take()
        if batch is None:
            self.progress.nothing_there()
        else:
            self.progress.taken({at.partition for at in batch.next_offsets}, batch.full)
            self._in_flight += 1
            await self._channel.send(value=batch)

    async def _take(self) -> Batch | None:
        """A batch that is there, on the loop; else the wait for one, in a thread."""
        batch = self._batches.take(0) if self._batches.positioned else None
        if batch is None:
            batch = await self._in_thread(self._batches.take, IDLE_WAIT)
        self._backlog = batch is not None and batch.full
        return batch

    def _note_lag(self) -> None:
        lag = self._batches.lag()
        self._metrics.reading(lag, self._batches.ends, self._batches.open_transactions)
        self.progress.has_records(self._batches.behind(lag))
        self.progress.assigned(self._batches.joined)

    async def _rewind(self) -> None:
        await self._in_thread(self._batches.rewind, self._again)
        self._again = []
        self.progress.rewound()

    async def commit(self, work: tuple[Batch, Scored]) -> None:
        """The agent's sink: commits a scored batch once the one before it is committed."""
        batch, scored = work
        if self._transaction is not None:
            await self._transaction
        if self.failure is not None:
            return  # the one before is not committed, so this one must not be
        if self._again:
            self._done(again=batch)
            return
        self._transaction = asyncio.create_task(self._transact(batch, scored))

    async def _transact(self, batch: Batch, scored: Scored) -> None:
        try:
            await self._committer.commit(batch, scored)
        except Aborted:
            self._done(again=batch)
        except Exception as failure:  # noqa: BLE001  whatever it is, the worker stops
            await self._fail(failure)
        else:
            self.progress.committed()
            self._done()

    def _done(self, again: Batch | None = None) -> None:
        if again is not None:
            self._again.append(again)
        self._in_flight -= 1
        self._changed.set()

    async def drain(self) -> None:
        """Finishes the batches in hand, takes no more, and leaves the group at once."""
        self._draining = True
        self._be_gone_in_time()
        self.progress.turn()
        try:
            await asyncio.wait_for(self._until_all_is_done(), DRAIN)
        except TimeoutError:
            self.failure = self.failure or WorkerFailed(
                f"told to stop, and the batch in hand was not committed within {DRAIN:g} s: see "
                "that the broker answers; the batch will be read again"
            )
        self._committer.give_up()
        await self._in_thread(self._batches.close)
        self._reader.shutdown(wait=False)

    def _be_gone_in_time(self) -> None:
        self._gone = threading.Timer(GONE, self._be_gone)
        self._gone.daemon = True
        self._gone.start()

    def _be_gone(self) -> None:
        if isinstance(self.failure, PipelineError):
            process.exit_with_error(self.failure)
        process.exit_with_error(
            WorkerFailed(
                f"told to stop, and the Kafka client has not let go within {GONE:g} s: see that "
                "the broker answers; what was in hand will be read again"
            )
        )

    async def _until_all_is_done(self) -> None:
        await self._fed.wait()
        await self._until_in_flight(0)

    async def _until_in_flight(self, most: int) -> None:
        while self._in_flight > most and self.failure is None:
            self._changed.clear()
            await self._changed.wait()

    async def _fail(self, failure: BaseException) -> None:
        """Ends the worker; nothing that is in hand gets committed."""
        self.failure = self.failure or failure
        self._changed.set()
        if isinstance(failure, PipelineError):
            self._end()
        else:
            await self.crash(failure)

    async def _in_thread(self, call: Callable[..., R], *given: Any) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._reader, call, *given)
