"""Bytewax, at least once: batches by `flat_map_batch`, as its documentation recommends."""

import time

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kafka
from bytewax.dataflow import Dataflow
from bytewax.run import cli_main

from benchmarks.scoring.contenders import peer

BATCH = 10_000

LIBRDKAFKA = {
    "queued.min.messages": "100000",
    "queued.max.messages.kbytes": "32768",
    "fetch.message.max.bytes": "2000000",
    "fetch.queue.backoff.ms": "10",
}


def dataflow() -> Dataflow:
    """Builds the dataflow from topic to topic."""
    model = peer.PeerModel()

    def score(batch: list[KafkaSourceMessage]) -> list[KafkaSinkMessage]:
        now = round(time.time() * 1000)
        places = [peer.Place(each.partition, each.offset, now) for each in batch]
        values = peer.score_batch(model, [each.value for each in batch], places)
        return [
            KafkaSinkMessage(each.key, value) for each, value in zip(batch, values, strict=True)
        ]

    flow = Dataflow("scorer")
    source = KafkaSource(
        [peer.BOOTSTRAP],
        [peer.CUSTOMERS],
        tail=True,
        batch_size=BATCH,
        add_config={"group.id": peer.GROUP, **LIBRDKAFKA},
    )
    customers = op.input("customers", flow, source)
    predictions = op.flat_map_batch("score", customers, score)
    kafka.output(
        "predictions",
        predictions,
        brokers=[peer.BOOTSTRAP],
        topic=peer.PREDICTIONS,
        add_config={"compression.type": "lz4", "linger.ms": "5"},
    )
    return flow


if __name__ == "__main__":
    cli_main(dataflow())
