"""The order of commits: no batch is committed before an earlier one that failed."""

import asyncio
from dataclasses import replace

import pytest

from contract.errors import TooManyDeadLetters
from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.scoring.score import ScoredBatch, score_batch
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import Batch
from tests.support.builders import eventually, produce, read_all
from tests.support.channel import FakeChannel
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets, stale_membership, with_changes
from tests.support.scorer_parts import OpenParts
from tests.support.scoring import LIMITS, NOW, AgeModel, a_message


@pytest.mark.parametrize("bad", [False, True], ids=["good", "bad"])
def test_batch_after_one_that_failed_is_not_committed(
    worker_settings: ScorerSettings, bad: bool, open_parts: OpenParts
) -> None:
    settings = with_changes(worker_settings, dead_letter_min_records=1)
    ensure_topics(settings, topics(settings))
    stopped: list[bool] = []
    parts = open_parts(settings, stop_worker=lambda: stopped.append(True))
    processor = parts.processor

    def work(value: bytes) -> tuple[Batch, ScoredBatch]:
        message = a_message(value, topic=settings.topic_customers)
        group = parts.consumer._consumer.consumer_group_metadata()
        return Batch([message], [], group, full=True), score_batch(
            [message], AgeModel(), NOW, LIMITS
        )

    async def commit_two() -> BaseException | None:
        await processor.commit_batch(work(b"?" if bad else MINIMAL_RECORD))
        await processor.commit_batch(work(MINIMAL_RECORD))
        if processor._transaction is not None:
            await processor._transaction
        return processor.failure

    failure = asyncio.run(commit_two())
    written = read_all(settings.kafka_bootstrap, settings.topic_predictions)
    assert isinstance(failure, TooManyDeadLetters) == bad == bool(stopped)
    assert len(written) == (0 if bad else 2)


@pytest.mark.parametrize("slow", [False, True], ids=["scored before", "scored after the abort"])
def test_aborted_batch_and_the_one_after_it_are_read_again_and_committed_once(
    worker_settings: ScorerSettings, slow: bool, open_parts: OpenParts
) -> None:
    settings = with_changes(worker_settings, batch_max_records=5)
    ensure_topics(settings, topics(settings))
    produce(settings.kafka_bootstrap, settings.topic_customers, [MINIMAL_RECORD] * 10, partition=0)
    over = stale_membership(settings)

    async def abort_the_first() -> BaseException | None:
        channel = FakeChannel()
        processor = open_parts(settings, channel).processor
        await processor.start()

        async def next_batch() -> Batch:
            return await asyncio.wait_for(channel.batches.get(), 30)

        async def commit(batch: Batch) -> None:
            await processor.commit_batch(
                (batch, score_batch(batch.messages, AgeModel(), NOW, LIMITS))
            )

        one, two = await next_batch(), await next_batch()
        await commit(replace(one, group=over))
        if slow:  # nothing may be read again before the second batch has come back
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(channel.batches.get(), 1)
        await commit(two)
        again: list[int] = []
        while len(again) < 10:
            batch = await next_batch()
            again += [message.offset() for message in batch.messages]
            await commit(batch)
        assert again == [*range(10)]
        await asyncio.wait_for(processor.drain(), 30)
        processor._shutdown_timer.cancel()  # it would end this process
        await processor.stop()
        return processor.failure

    assert asyncio.run(abort_the_first()) is None
    assert prediction_offsets(settings) == [(0, offset) for offset in range(10)]


def test_start_offsets_are_not_resolved_while_a_batch_is_pending(
    worker_settings: ScorerSettings, open_parts: OpenParts
) -> None:
    """It may commit offsets of the same partition after they were requested."""
    ensure_topics(worker_settings, topics(worker_settings))
    produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD])
    parts = open_parts(worker_settings)
    consumer, processor = parts.consumer, parts.processor

    def is_assigned() -> bool:
        consumer.poll_batch(0)  # resolves no start offset
        return consumer.has_assignment

    async def poll() -> bool:
        return await processor._poll_batch() is not None

    eventually(is_assigned, deadline=60)
    processor._pending, processor._has_backlog = 1, True
    assert not asyncio.run(poll())
    assert not consumer.start_offsets_resolved
    processor._has_backlog = True
    assert processor._max_pending == 0, "it waits for the batch only"
    processor._pending = 0
    eventually(lambda: asyncio.run(poll()))
    assert consumer.start_offsets_resolved
