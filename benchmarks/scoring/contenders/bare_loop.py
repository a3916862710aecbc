"""Baseline: the scorer's work and guarantee in a loop over the client library.

Decoded, validated, scored by the same compiled model, encoded, produced under the record's key;
offsets committed in the same transaction. No framework, no metrics, no dead letters, no headers,
no rewind: a fault ends it.
"""

import gc
import os
import time
from typing import cast

from confluent_kafka import TopicPartition

from contract import codec, kafka
from contract.schema import CARS
from contract.schema.cars import Prediction
from contract.settings import Settings, load
from stream_app.models.initial_model import load_initial_model
from stream_app.scoring.message import Message

BATCH = int(os.environ.get("BENCH_BATCH", "20000"))


def main() -> None:
    """Drains until it is stopped."""
    settings = load(Settings)
    model = load_initial_model(settings)
    consumer = kafka.create_consumer(settings, f"bare-{os.getpid()}")
    producer = kafka.create_producer(settings, transactional_id=f"bare-{os.getpid()}")
    producer.init_transactions()
    consumer.subscribe([settings.topic_customers])
    gc.freeze()
    while True:
        polled = consumer.consume(1, 0.1) + consumer.consume(BATCH - 1, 0)
        messages = cast("list[Message]", polled)
        if not messages:
            continue
        now = round(time.time() * 1000)
        records = CARS.codec.decode_customers([message.value() for message in messages]).events
        partitions = [message.partition() for message in messages]
        offsets = [message.offset() for message in messages]
        keys = [message.key() for message in messages]
        probabilities = model.outputs(records).tolist()
        rows = zip(keys, records, probabilities, partitions, offsets, strict=True)
        producer.begin_transaction()
        kafka.produce_batch(
            producer,
            settings.topic_predictions,
            [
                {
                    "key": key,
                    "value": codec.encode(
                        Prediction(
                            record.id or "",
                            1 if probability > 0.5 else 0,
                            probability,
                            model.name,
                            model.version,
                            record.event_time or now,
                            now,
                            partition,
                            offset,
                        )
                    ),
                }
                for key, record, probability, partition, offset in rows
            ],
        )
        producer.send_offsets_to_transaction(
            [
                TopicPartition(settings.topic_customers, partition, offset + 1)
                for partition, offset in dict(zip(partitions, offsets, strict=True)).items()
            ],
            consumer.consumer_group_metadata(),
        )
        producer.commit_transaction()


if __name__ == "__main__":
    main()
