"""What happens to a worker's transactions when a topic goes while it is written."""

from dataclasses import replace

import pytest
from confluent_kafka import TopicPartition

from contract import kafka
from contract.topics import topics
from stream_app.pipeline import open_pipeline
from stream_app.scoring.score import score
from stream_app.settings import ScorerSettings
from stream_app.transport.batches import Batch
from stream_app.transport.transactions import Aborted
from tests.stream_app.conftest import membership_that_is_over
from tests.stream_app.swap.traffic import predictions
from tests.stream_app.test_scoring import LIMITS, NOW, OldBuy, a_message
from tests.stream_app.test_shadow import Other
from tests.stream_app.test_topic_faults import delete

GATHER_MS = 2_000
"""Between the moment at which a partition is in a transaction and the one at which it is sent."""


def test_topic_that_goes_in_the_middle_of_a_transaction_does_not_end_the_worker(
    own: ScorerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "_PRODUCER", {**kafka._PRODUCER, "linger.ms": GATHER_MS})
    settings = own.model_copy(update={"transaction_timeout": 5})
    kafka.ensure_topics(settings, topics(settings))
    pipeline = open_pipeline(settings)
    membership_that_is_over(settings)  # the coordinator of groups is there
    message = a_message(topic=settings.topic_customers)
    shadowed = score([message], OldBuy(), NOW, LIMITS, Other([0.9]))
    batch = Batch(
        [message],
        [TopicPartition(settings.topic_customers, 2, 41)],
        pipeline.batches._consumer.consumer_group_metadata(),
        full=False,
    )
    transactions = pipeline.transactions
    transactions.write(shadowed)
    transactions.commit(batch)
    transactions.write(shadowed)
    # its answer comes after those for the partitions, which are in the transaction then
    transactions._producer.send_offsets_to_transaction(batch.next_offsets, batch.group)
    delete(kafka.admin(settings), topics(settings).shadow.name)
    with pytest.raises(Aborted):
        transactions.commit(batch)
    transactions.write(shadowed)
    transactions._producer.flush(20)  # refused before anything is in the transaction
    with pytest.raises(Aborted):
        transactions.commit(batch)
    transactions.write(replace(shadowed, shadow=None))
    transactions.commit(batch)
    pipeline.batches.close()
    assert len(predictions(settings, settings.topic_predictions, 2)) == 2
