"""Quix Streams, exactly once: single records, a transaction per checkpoint."""

import time

from quixstreams import Application, message_context

from benchmarks.scoring.contenders import peer

LIBRDKAFKA = {
    "queued.min.messages": 100_000,
    "queued.max.messages.kbytes": 32_768,
    "fetch.message.max.bytes": 2_000_000,
    "fetch.queue.backoff.ms": 10,
}


def main() -> None:
    """Drains until it is stopped."""
    model = peer.PeerModel()
    app = Application(
        broker_address=peer.BOOTSTRAP,
        consumer_group=peer.GROUP,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=1.0,
        auto_create_topics=False,
        loglevel="WARNING",
        consumer_extra_config=LIBRDKAFKA,
        producer_extra_config={"compression.type": "lz4", "linger.ms": 5, "retry.backoff.ms": 2},
    )
    customers = app.topic(peer.CUSTOMERS, value_deserializer="bytes", key_deserializer="bytes")
    predictions = app.topic(peer.PREDICTIONS, value_serializer="bytes", key_serializer="bytes")

    def score(value: bytes) -> bytes:
        at = message_context()
        place = peer.Place(at.partition, at.offset, round(time.time() * 1000))
        return peer.score_one(model, value, place)

    app.dataframe(customers).apply(score).to_topic(predictions)
    app.run()


if __name__ == "__main__":
    main()
