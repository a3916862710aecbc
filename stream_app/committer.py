"""Commits a scored batch in one transaction, and counts it once it is committed."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from stream_app.metrics import ScorerMetrics
from stream_app.models.serving import ServingState
from stream_app.scoring.dead_letter_limit import DeadLetterLimit
from stream_app.scoring.message import MessageLimits
from stream_app.scoring.oversized_predictions import move_oversized_to_dead_letters
from stream_app.scoring.score import ScoredBatch
from stream_app.scoring.shadow import ShadowResult
from stream_app.transport.batch_consumer import Batch
from stream_app.transport.transactional_producer import (
    MessageTooLarge,
    ShadowTopicError,
    TransactionAborted,
    TransactionalProducer,
)

MAX_SHADOW_ABORTS: Final = 3
"""Aborted transactions in a row after which the shadow in them is disabled. A single rebalance can
abort two."""


class Committer:
    """Commits one batch at a time."""

    def __init__(
        self,
        *,
        producer: TransactionalProducer,
        dead_letter_limit: DeadLetterLimit,
        message_limits: MessageLimits,
        metrics: ScorerMetrics,
        serving: ServingState,
    ) -> None:
        self._producer = producer
        self._dead_letter_limit = dead_letter_limit
        self._message_limits = message_limits
        self._metrics = metrics
        self._serving = serving
        self._aborts_in_a_row = 0
        self._executor = ThreadPoolExecutor(1, "committer")

    async def commit_batch(self, batch: Batch, scored: ScoredBatch) -> None:
        """Writes all of the batch or nothing. An oversized prediction becomes a dead letter.

        Raises:
            TransactionAborted: The batch must be read again.
            PipelineError: The worker must stop.
        """
        started = time.perf_counter()
        self._dead_letter_limit.check_batch(scored)
        try:
            scored = await self._write(batch, scored)
        except TransactionAborted:
            self._metrics.add_aborted_transaction()
            self._count_shadow_abort(scored)
            raise
        self._aborts_in_a_row = 0
        seconds = time.perf_counter() - started
        self._metrics.add_committed_batch(scored, seconds, round(time.time() * 1000))
        self._metrics.add_tombstones(len(batch.tombstones))
        self._dead_letter_limit.add_committed_batch(scored)

    def stop_waiting(self) -> None:
        """Stops waiting for an absent broker, which will abort the transaction itself."""
        self._producer.stop_waiting()
        self._executor.shutdown(wait=False)

    async def _write(self, batch: Batch, scored: ScoredBatch) -> ScoredBatch:
        if scored.shadow is not None:
            if await self._write_with_shadow(scored.shadow, batch, scored):
                return scored
            scored = replace(scored, shadow=None)
        try:
            await self._transact(batch, scored)
        except MessageTooLarge:
            scored = move_oversized_to_dead_letters(batch.messages, scored, self._message_limits)
            await self._transact(batch, scored)
        return scored

    async def _write_with_shadow(
        self, shadow: ShadowResult, batch: Batch, scored: ScoredBatch
    ) -> bool:
        """Writes the batch with its shadow; False if it must be written without."""
        failure = shadow.failure
        if failure is None:
            try:
                await self._transact(batch, scored)
            except MessageTooLarge:  # perhaps the shadow's: try without it
                return False
            except ShadowTopicError as error:
                failure = str(error)
            else:
                return True
        self._serving.disable_shadow(shadow.version, failure)
        return False

    async def _transact(self, batch: Batch, scored: ScoredBatch) -> None:
        self._producer.begin_batch(scored)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._producer.commit_batch, batch)

    def _count_shadow_abort(self, scored: ScoredBatch) -> None:
        """Disables a shadow that may be the cause of the aborts."""
        self._aborts_in_a_row += 1
        if scored.shadow is not None and self._aborts_in_a_row >= MAX_SHADOW_ABORTS:
            self._serving.disable_shadow(
                scored.shadow.version,
                f"{self._aborts_in_a_row} transactions with its predictions were aborted in a row",
            )
