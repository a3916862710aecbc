"""A shadow that may be what keeps transactions from being committed is left out."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.committer import ABORTS, Committer
from stream_app.pipeline import Pipeline, open_pipeline
from stream_app.scoring.score import score
from stream_app.settings import ScorerSettings
from stream_app.transport.batches import Batch
from stream_app.transport.transactions import Aborted
from tests.support.scorer import membership_that_is_over
from tests.support.scoring import LIMITS, NOW, OldBuy, Other, a_message


@pytest.fixture
def pipeline(own: ScorerSettings) -> Iterator[Pipeline]:
    ensure_topics(own, topics(own))
    opened = open_pipeline(own)
    yield opened
    opened.batches.close()


def test_shadow_of_three_aborted_transactions_is_left_out(
    own: ScorerSettings, pipeline: Pipeline
) -> None:
    over, fresh = membership_that_is_over(own), pipeline.batches._consumer.consumer_group_metadata()
    committer = Committer(pipeline)
    message = a_message(topic=own.topic_customers)
    scored = score([message], OldBuy(), NOW, LIMITS, Other([0.9]))

    async def commit(group: Any) -> None:
        after = [TopicPartition(own.topic_customers, 2, 41)]
        await committer.commit(Batch([message], after, group, full=False), scored)

    async def abort(times: int) -> None:
        for _ in range(times):
            with pytest.raises(Aborted):
                await commit(over)

    async def abort_more_and_more() -> list[str | None]:
        await abort(ABORTS - 1)
        await commit(fresh)
        await abort(ABORTS - 1)
        before = pipeline.models.failure("8")
        await abort(1)
        return [before, pipeline.models.failure("8")]

    before, after = asyncio.run(abort_more_and_more())
    assert before is None
    assert after == "3 transactions with its predictions were aborted in a row"
