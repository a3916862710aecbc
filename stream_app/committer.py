"""A scored batch -> one transaction, counted once it is committed."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from stream_app.pipeline import Pipeline
from stream_app.scoring.oversize import without_large
from stream_app.scoring.score import Scored
from stream_app.transport.batches import Batch
from stream_app.transport.transactions import Aborted, TooLarge


class Committer:
    """Commits one batch at a time."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._transactions = pipeline.transactions
        self._flood = pipeline.flood
        self._limits = pipeline.limits
        self._metrics = pipeline.metrics
        self._thread = ThreadPoolExecutor(1, "committer")

    async def commit(self, batch: Batch, scored: Scored) -> None:
        """Writes all of the batch, or nothing; what is too large for its topic as a dead letter.

        Raises `Aborted` when the batch must be read again, else the `PipelineError` that stops
        the worker.
        """
        started = time.perf_counter()
        self._flood.check(scored)
        try:
            scored = await self._write(batch, scored)
        except Aborted:
            self._metrics.aborted()
            raise
        seconds = time.perf_counter() - started
        self._metrics.committed(scored, seconds, round(time.time() * 1000))
        self._flood.committed(scored)

    async def _write(self, batch: Batch, scored: Scored) -> Scored:
        try:
            await self._transact(batch, scored)
        except TooLarge:
            scored = without_large(batch.messages, scored, self._limits)
            await self._transact(batch, scored)
        return scored

    async def _transact(self, batch: Batch, scored: Scored) -> None:
        self._transactions.write(scored)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._transactions.commit, batch)

    def give_up(self) -> None:
        """Ends the wait for a broker that is away: the broker will abort the transaction."""
        self._transactions.give_up()
        self._thread.shutdown(wait=False)
