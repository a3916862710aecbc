"""Moves batches from the consumer to the agent's channel, and from the agent's sink to Kafka."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from mode import Service

from contract import process
from contract.errors import PipelineError, SchemaRegistryUnavailable, WorkerFailed
from contract.events import CustomerRecord
from contract.topic_decoder import TopicDecoder
from stream_app.committer import Committer
from stream_app.progress import Progress
from stream_app.scoring.score import ScoredBatch
from stream_app.transport.batch_consumer import Batch, BatchConsumer
from stream_app.transport.transactional_producer import TransactionAborted

log = logging.getLogger(__name__)

IDLE_POLL_TIMEOUT: Final = 0.1
"""Seconds that an idle worker waits for a record in one call. A record ends the wait at once."""

DRAIN_TIMEOUT: Final = 4.0
"""Seconds within which a stopping worker commits its pending batches."""

SHUTDOWN_TIMEOUT: Final = 2 * DRAIN_TIMEOUT
"""Seconds after which a stopping worker ends, even if its Kafka client does not close."""

RETRY_INTERVAL: Final = 1.0
"""Seconds between two attempts to resolve the schemas of a batch."""

LAG_INTERVAL: Final = 1.0
"""Seconds between two updates of lag and progress."""

R = TypeVar("R")


class BatchProcessor(Service):
    """Reads batches, sends them to the agent and commits what the agent yields.

    With a backlog, the transaction of a batch runs while the next batch is scored. Without one, a
    batch is read only after the previous one is committed: later, so that it contains more records.
    After an aborted transaction, its batch and all that was read after it are read again.

    Args:
        channel: The agent's channel.
        consumer: Reads the batches.
        decoder: Finds the schemas of their messages, which the agent needs to decode them.
        committer: Commits scored batches.
        progress: What the watchdog observes.
        stop_worker: Stops the worker. Called once `failure` is set; nothing is committed after it.
    """

    def __init__(  # noqa: PLR0913  its collaborators
        self,
        *,
        channel: Any,
        consumer: BatchConsumer,
        decoder: TopicDecoder[CustomerRecord],
        committer: Committer,
        progress: Progress,
        stop_worker: Callable[[], None],
    ) -> None:
        super().__init__()
        self._channel = channel
        self._consumer = consumer
        self._decoder = decoder
        self._committer = committer
        self._progress = progress
        self._stop_worker = stop_worker
        self._consumer_thread = ThreadPoolExecutor(1, "consumer")  # one: calls must not overlap
        self._pending = 0
        self._has_backlog = False
        self._to_rewind: list[Batch] = []
        self._pending_changed = asyncio.Event()
        self._feed_ended = asyncio.Event()
        self._transaction: asyncio.Task[None] | None = None
        self._draining = False
        self._shutdown_timer = threading.Timer(SHUTDOWN_TIMEOUT, self._end_process)
        self._shutdown_timer.daemon = True
        self._next_lag_update = 0.0
        self.failure: BaseException | None = None

    @property
    def ready(self) -> bool:
        """Whether this worker is a member of the group and reads records."""
        return self.failure is None and not self._draining and self._consumer.has_assignment

    def find_fault(self, max_pending_seconds: float) -> str:
        """What is wrong with a running worker; empty if nothing, or if it is still starting."""
        if not self.started:
            return ""
        if self.failure is not None:
            return str(self.failure)
        if self._progress.oldest_pending_seconds > max_pending_seconds:
            return self._progress.describe()
        return ""

    @Service.task
    async def _feed(self) -> None:
        try:
            while not self._ending:
                self._progress.start_iteration()
                await self._wait_until_pending(self._max_pending)
                if self._to_rewind:  # not while one is scored, which would be committed after it
                    await self._wait_until_pending(0)
                    await self._rewind()
                if not self._ending:
                    await self._feed_one()
        except Exception as failure:  # noqa: BLE001  whatever it is, the worker stops
            await self._fail(failure)
        finally:
            self._feed_ended.set()

    @property
    def _max_pending(self) -> int:
        """Number of batches that may be pending while the next one is read."""
        return 1 if self._has_backlog and self._consumer.start_offsets_resolved else 0

    @property
    def _ending(self) -> bool:
        return self.should_stop or self._draining or self.failure is not None

    async def _feed_one(self) -> None:
        if time.monotonic() >= self._next_lag_update:  # before a batch is read, which would wait
            self._next_lag_update = time.monotonic() + LAG_INTERVAL
            self._update_lag()
        batch = await self._poll_batch()
        if batch is None:
            self._progress.add_empty_poll()
            return
        partitions = {place.partition for place in batch.next_offsets}
        if self._decoder.has_unresolved(batch.messages):
            try:
                await self._in_thread(self._decoder.resolve, batch.messages)
            except SchemaRegistryUnavailable as failure:  # read again, so that the client is polled
                self._progress.hold_batch(partitions, str(failure))
                self._to_rewind.append(batch)
                await asyncio.sleep(RETRY_INTERVAL)
                return
        self._progress.add_batch(partitions, full=batch.full)
        self._pending += 1
        await self._channel.send(value=batch)

    async def _poll_batch(self) -> Batch | None:
        """Reads queued records on the event loop; waits for records in a thread."""
        batch = self._consumer.poll_batch(0) if self._consumer.start_offsets_resolved else None
        if batch is None:
            resolve = not self._pending  # its offsets would be committed after they were requested
            batch = await self._in_thread(self._consumer.poll_batch, IDLE_POLL_TIMEOUT, resolve)
        self._has_backlog = batch is not None and batch.full
        return batch

    def _update_lag(self) -> None:
        lag = self._consumer.lag()
        self._consumer.set_offset_metrics(lag)
        self._progress.set_partitions_with_records(self._consumer.partitions_with_records(lag))
        self._progress.set_assigned(self._consumer.has_assignment)

    async def _rewind(self) -> None:
        await self._in_thread(self._consumer.rewind, self._to_rewind)
        self._to_rewind = []
        self._progress.rewind_batches()

    async def commit_batch(self, work: tuple[Batch, ScoredBatch]) -> None:
        """The agent's sink: commits a scored batch once the previous one is committed."""
        batch, scored = work
        if self._transaction is not None:
            await self._transaction
        if self.failure is not None:
            return  # the previous batch is not committed, so this one must not be
        if self._to_rewind:
            self._finish(rewind=batch)
            return
        self._transaction = asyncio.create_task(self._transact(batch, scored))

    async def _transact(self, batch: Batch, scored: ScoredBatch) -> None:
        try:
            await self._committer.commit_batch(batch, scored)
        except TransactionAborted:
            self._finish(rewind=batch)
        except Exception as failure:  # noqa: BLE001  whatever it is, the worker stops
            await self._fail(failure)
        else:
            self._progress.remove_committed_batch()
            self._finish()

    def _finish(self, rewind: Batch | None = None) -> None:
        if rewind is not None:
            self._to_rewind.append(rewind)
        self._pending -= 1
        self._pending_changed.set()

    async def drain(self) -> None:
        """Commits the pending batches, reads no more, and leaves the group at once."""
        self._draining = True
        self._shutdown_timer.start()
        self._progress.start_iteration()
        try:
            await asyncio.wait_for(self._wait_until_drained(), DRAIN_TIMEOUT)
        except TimeoutError:
            self.failure = self.failure or WorkerFailed(
                f"stopping: the pending batch was not committed within {DRAIN_TIMEOUT:g} s: check "
                "that the broker is running; the batch will be read again"
            )
        self._committer.stop_waiting()
        await self._in_thread(self._consumer.close)
        self._consumer_thread.shutdown(wait=False)

    def _end_process(self) -> None:
        if isinstance(self.failure, PipelineError):
            process.exit_with_error(self.failure)
        process.exit_with_error(
            WorkerFailed(
                f"stopping: the Kafka client did not close within {SHUTDOWN_TIMEOUT:g} s: check "
                "that the broker is running; the pending batch will be read again"
            )
        )

    async def _wait_until_drained(self) -> None:
        await self._feed_ended.wait()
        await self._wait_until_pending(0)

    async def _wait_until_pending(self, max_pending: int) -> None:
        while self._pending > max_pending and self.failure is None:
            self._pending_changed.clear()
            await self._pending_changed.wait()

    async def _fail(self, failure: BaseException) -> None:
        """Stops the worker; no pending batch is committed."""
        self.failure = self.failure or failure
        self._pending_changed.set()
        if isinstance(failure, PipelineError):
            self._stop_worker()
        else:
            await self.crash(failure)

    async def _in_thread(self, call: Callable[..., R], *arguments: Any) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._consumer_thread, call, *arguments)
