"""The parts of a scorer, opened without a worker, for tests of what happens between them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contract.topic_encodings import customer_decoder
from contract.topics import topics
from stream_app.batch_processor import BatchProcessor
from stream_app.committer import Committer
from stream_app.metrics import ScorerMetrics
from stream_app.models.initial_model import load_initial_model
from stream_app.models.serving import ServingState
from stream_app.progress import Progress
from stream_app.scoring.dead_letter_limit import DeadLetterLimit
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import BatchConsumer
from stream_app.transport.transactional_producer import TransactionalProducer
from tests.support.scoring import LIMITS


@dataclass(frozen=True)
class ScorerParts:
    """What a test observes: a worker's parts up to its batch processor."""

    serving: ServingState
    consumer: BatchConsumer
    producer: TransactionalProducer
    committer: Committer
    processor: BatchProcessor


OpenParts = Callable[..., ScorerParts]
"""`create_parts`, which closes the consumer after the test."""


def create_parts(
    settings: ScorerSettings,
    channel: Any = None,
    stop_worker: Callable[[], None] = lambda: None,
    decoder: Any = None,
) -> ScorerParts:
    """Opens them as a worker does. The topics must exist.

    Close the consumer, also if the test fails: a member that is only collected as garbage can
    block its process for good.
    """
    metrics = ScorerMetrics()
    serving = ServingState(load_initial_model(settings))
    producer = TransactionalProducer(settings, topics(settings))
    producer.init_transactions()
    committer = Committer(
        producer=producer,
        dead_letter_limit=DeadLetterLimit(
            max_invalid_ratio=settings.dead_letter_max_ratio,
            min_records=settings.dead_letter_min_records,
        ),
        message_limits=LIMITS,
        metrics=metrics,
        serving=serving,
    )
    consumer = BatchConsumer(settings, topics(settings).customers, metrics)
    processor = BatchProcessor(
        channel=channel,
        consumer=consumer,
        decoder=decoder or customer_decoder(settings),
        committer=committer,
        progress=Progress(settings.longest_rebalance),
        stop_worker=stop_worker,
    )
    return ScorerParts(serving, consumer, producer, committer, processor)
