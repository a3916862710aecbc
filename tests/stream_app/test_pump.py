"""The order of commits: what follows a batch that failed is never committed before it."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from contract.errors import TooManyDeadLetters
from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.pipeline import open_pipeline
from stream_app.pump import Pump
from stream_app.scoring.score import Scored, score
from stream_app.settings import ScorerSettings
from stream_app.transport.batches import Batch
from tests.support.builders import produce, read_all
from tests.support.channel import Channel
from tests.support.records import MINIMAL
from tests.support.scorer import changed, membership_that_is_over, places
from tests.support.scoring import LIMITS, NOW, OldBuy, a_message


@pytest.mark.parametrize("bad", [False, True], ids=["good", "bad"])
def test_batch_after_one_that_is_refused_is_not_committed(own: ScorerSettings, bad: bool) -> None:
    settings = changed(own, dead_letter_min_records=1)
    ensure_topics(settings, topics(settings))
    pipeline = open_pipeline(settings)
    ended: list[bool] = []

    def work(value: bytes) -> tuple[Batch, Scored]:
        message = a_message(value, topic=settings.topic_customers)
        group = pipeline.batches._consumer.consumer_group_metadata()
        return Batch([message], [], group, full=True), score([message], OldBuy(), NOW, LIMITS)

    async def commit_two() -> BaseException | None:
        pump = Pump(cast(Any, None), pipeline, lambda: ended.append(True))
        await pump.commit(work(b"?" if bad else MINIMAL))
        await pump.commit(work(MINIMAL))
        if pump._transaction is not None:
            await pump._transaction
        return pump.failure

    failure = asyncio.run(commit_two())
    pipeline.batches.close()
    written = read_all(settings.kafka_bootstrap, settings.topic_predictions)
    assert isinstance(failure, TooManyDeadLetters) == bad == bool(ended)
    assert len(written) == (0 if bad else 2)


def test_aborted_batch_and_the_one_after_it_are_read_again_and_committed_once(
    own: ScorerSettings,
) -> None:
    settings = changed(own, batch_max_records=5)
    ensure_topics(settings, topics(settings))
    produce(settings.kafka_bootstrap, settings.topic_customers, [MINIMAL] * 10, partition=0)
    pipeline = open_pipeline(settings)
    over = membership_that_is_over(settings)

    async def abort_the_first() -> BaseException | None:
        channel = Channel()
        pump = Pump(cast(Any, channel), pipeline, lambda: None)
        await pump.start()

        async def taken() -> Batch:
            return await asyncio.wait_for(channel.batches.get(), 30)

        async def commit(batch: Batch) -> None:
            await pump.commit((batch, score(batch.messages, OldBuy(), NOW, LIMITS)))

        one, two = await taken(), await taken()
        await commit(replace(one, group=over))
        await commit(two)
        again: list[int] = []
        while len(again) < 10:
            batch = await taken()
            again += [message.offset() for message in batch.messages]
            await commit(batch)
        assert again == [*range(10)]
        await asyncio.wait_for(pump.drain(), 30)
        assert pump._gone is not None
        pump._gone.cancel()  # a worker's process would end now; this one does not
        await pump.stop()
        return pump.failure

    assert asyncio.run(abort_the_first()) is None
    assert places(settings) == [(0, offset) for offset in range(10)]
