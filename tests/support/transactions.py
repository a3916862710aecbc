"""A transactional producer beside the product, whose transaction stays open."""

from confluent_kafka import Producer

from contract.settings import Settings


def open_transaction(settings: Settings, value: bytes, partition: int) -> Producer:
    """Writes a customer record in a transaction, and leaves that open."""
    producer = Producer(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "transactional.id": settings.topic_customers,
        }
    )
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(settings.topic_customers, value, partition=partition)
    producer.flush(30)
    return producer
