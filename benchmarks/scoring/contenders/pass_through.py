"""Upper bound: consumes and produces messages unchanged, in transactions."""

import gc
import os
from typing import cast

from confluent_kafka import TopicPartition

from contract import kafka
from contract.settings import Settings, load
from stream_app.scoring.message import Message

BATCH = int(os.environ.get("BENCH_BATCH", "20000"))


def main() -> None:
    """Drains until it is stopped."""
    settings = load(Settings)
    consumer = kafka.create_consumer(settings, f"pass-{os.getpid()}")
    producer = kafka.create_producer(settings, transactional_id=f"pass-{os.getpid()}")
    producer.init_transactions()
    consumer.subscribe([settings.topic_customers])
    gc.freeze()
    while True:
        polled = consumer.consume(1, 0.1) + consumer.consume(BATCH - 1, 0)
        messages = cast("list[Message]", polled)
        if not messages:
            continue
        last = {message.partition(): message.offset() for message in messages}
        producer.begin_transaction()
        kafka.produce_batch(
            producer,
            settings.topic_predictions,
            [{"value": message.value()} for message in messages],
        )
        producer.send_offsets_to_transaction(
            [
                TopicPartition(settings.topic_customers, partition, offset + 1)
                for partition, offset in last.items()
            ],
            consumer.consumer_group_metadata(),
        )
        producer.commit_transaction()


if __name__ == "__main__":
    main()
