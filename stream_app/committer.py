"""A scored batch -> one transaction, counted once it is committed."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from stream_app.pipeline import Pipeline
from stream_app.scoring.oversize import without_large
from stream_app.scoring.score import Scored
from stream_app.scoring.shadow import Shadowed
from stream_app.transport.batches import Batch
from stream_app.transport.transactions import Aborted, ShadowFailed, TooLarge

ABORTS: Final = 3
"""Aborted transactions in a row after which a shadow that was in them is suspected: one rebalance
can abort two."""


class Committer:
    """Commits one batch at a time."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._transactions = pipeline.transactions
        self._flood = pipeline.flood
        self._limits = pipeline.limits
        self._metrics = pipeline.metrics
        self._models = pipeline.models
        self._aborts = 0
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
            self._suspect(scored)
            raise
        self._aborts = 0
        seconds = time.perf_counter() - started
        self._metrics.committed(scored, seconds, round(time.time() * 1000))
        self._flood.committed(scored)

    async def _write(self, batch: Batch, scored: Scored) -> Scored:
        if scored.shadow is not None:
            if await self._is_written_with(scored.shadow, batch, scored):
                return scored
            scored = replace(scored, shadow=None)
        try:
            await self._transact(batch, scored)
        except TooLarge:
            scored = without_large(batch.messages, scored, self._limits)
            await self._transact(batch, scored)
        return scored

    async def _is_written_with(self, shadow: Shadowed, batch: Batch, scored: Scored) -> bool:
        """Writes the batch with its shadow, if that is sound; else the shadow is to be left out."""
        failure = shadow.failure
        if failure is None:
            try:
                await self._transact(batch, scored)
            except TooLarge:  # it may be another topic that takes less
                return False
            except ShadowFailed as failed:
                failure = str(failed)
            else:
                return True
        self._models.shadow_failed(shadow.version, failure)
        return False

    async def _transact(self, batch: Batch, scored: Scored) -> None:
        self._transactions.write(scored)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._transactions.commit, batch)

    def _suspect(self, scored: Scored) -> None:
        """Ends a shadow that may be what keeps the transactions from being committed."""
        self._aborts += 1
        if scored.shadow is not None and self._aborts >= ABORTS:
            words = f"{self._aborts} transactions with its predictions were aborted in a row"
            self._models.shadow_failed(scored.shadow.version, words)

    def give_up(self) -> None:
        """Ends the wait for a broker that is away: the broker will abort the transaction."""
        self._transactions.give_up()
        self._thread.shutdown(wait=False)
