"""A shadow that may be the cause of aborted transactions is disabled."""

import asyncio
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.committer import MAX_SHADOW_ABORTS
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import Batch
from stream_app.transport.transactional_producer import TransactionAborted
from tests.support.scorer import stale_membership
from tests.support.scorer_parts import OpenParts, ScorerParts
from tests.support.scoring import LIMITS, NOW, AgeModel, StubModel, a_message


@pytest.fixture
def parts(worker_settings: ScorerSettings, open_parts: OpenParts) -> ScorerParts:
    ensure_topics(worker_settings, topics(worker_settings))
    return open_parts(worker_settings)


def test_shadow_of_three_aborted_transactions_is_disabled(
    worker_settings: ScorerSettings, parts: ScorerParts
) -> None:
    over = stale_membership(worker_settings)
    fresh = parts.consumer._consumer.consumer_group_metadata()
    message = a_message(topic=worker_settings.topic_customers)
    scored = score_batch([message], AgeModel(), NOW, LIMITS, StubModel([0.9]))

    async def commit(group: Any) -> None:
        after = [TopicPartition(worker_settings.topic_customers, 2, 41)]
        await parts.committer.commit_batch(Batch([message], after, group, full=False), scored)

    async def abort(times: int) -> None:
        for _ in range(times):
            with pytest.raises(TransactionAborted):
                await commit(over)

    async def abort_more_and_more() -> list[str | None]:
        await abort(MAX_SHADOW_ABORTS - 1)
        await commit(fresh)
        await abort(MAX_SHADOW_ABORTS - 1)
        before = parts.serving.shadow_failure("8")
        await abort(1)
        return [before, parts.serving.shadow_failure("8")]

    before, after = asyncio.run(abort_more_and_more())
    assert before is None
    assert after == "3 transactions with its predictions were aborted in a row"
