#!/usr/bin/python3
"""Two commands of `rpk`: `cluster health`, and `topic consume TOPIC` of what is committed."""

import socket
import sys

from confluent_kafka import Consumer, TopicPartition

BROKER = ("127.0.0.1", 9092)


def healthy() -> bool:
    try:
        with socket.create_connection(BROKER, timeout=5):
            return True
    except OSError:
        return False


def consume(topic: str) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": ":".join(map(str, BROKER)),
            "group.id": "rpk",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    unread = set(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, number, 0) for number in unread])
    while unread:
        message = consumer.poll(10)
        if message is None:
            sys.exit(f"nothing came of partitions {unread}")
        if message.error():
            unread.discard(message.partition())
        else:
            sys.stdout.write(f"{(message.value() or b'').decode()}\n")
    consumer.close()


match sys.argv[1:]:
    case ["cluster", "health"]:
        sys.stdout.write(f"Healthy:                          {str(healthy()).lower()}\n")
    case ["topic", "consume", topic, *_]:
        consume(topic)
    case _:
        sys.exit("this stands in for rpk, and has two of its commands")
