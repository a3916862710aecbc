"""A worker that is stopped commits the pending batch."""

import asyncio

import pytest

from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from tests.support.builders import produce
from tests.support.channel import FakeChannel
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets
from tests.support.scorer_parts import OpenParts
from tests.support.scoring import LIMITS, NOW, AgeModel


@pytest.mark.parametrize("max_records", [1, 1000], ids=["with a backlog", "without one"])
def test_batch_that_is_being_scored_when_the_worker_is_stopped_is_committed(
    worker_settings: ScorerSettings, max_records: int, open_parts: OpenParts
) -> None:
    worker_settings = worker_settings.model_copy(
        update={"batch_max_records": max_records}
    )  # a full batch is a sign of a backlog
    ensure_topics(worker_settings, topics(worker_settings))
    produce(
        worker_settings.kafka_bootstrap,
        worker_settings.topic_customers,
        [MINIMAL_RECORD] * 10,
        partition=0,
    )

    async def stop_in_the_middle() -> BaseException | None:
        channel = FakeChannel()
        processor = open_parts(worker_settings, channel).processor
        await processor.start()
        count = 0
        while count < 10:
            batch = await asyncio.wait_for(channel.batches.get(), 30)
            count += len(batch.messages)
            if count == 10:
                stopping = asyncio.create_task(processor.drain())
                await asyncio.wait({stopping}, timeout=2)  # long enough to leave the group
                assert not stopping.done()
            await processor.commit_batch(
                (batch, score_batch(batch.messages, AgeModel(), NOW, LIMITS))
            )
        await asyncio.wait_for(stopping, 30)
        failure = processor.failure
        await processor.stop()
        processor._shutdown_timer.cancel()  # it would end this process
        return failure

    assert asyncio.run(stop_in_the_middle()) is None
    assert prediction_offsets(worker_settings, until=10) == [(0, offset) for offset in range(10)]
