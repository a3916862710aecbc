"""After a flush, messages are stored by the broker, or an error was raised."""

import os
from dataclasses import replace

import pytest

from contract.errors import BrokerUnreachable
from contract.kafka import ensure_topics
from contract.settings import Settings
from contract.topics import Topic, topics
from producers.publisher import Publisher
from tests.support.builders import read_all


@pytest.fixture
def topic(settings: Settings) -> Topic:
    """A topic whose broker refuses batches of more than 2,000 bytes."""
    made = replace(topics(settings).customers, max_message_bytes=2_000)
    ensure_topics(settings, [made])
    return made


@pytest.mark.parametrize("timestamps", [None, [1_700_000_000_123, 1_700_000_000_124, 1]])
def test_all_is_delivered_with_its_key_value_and_time(
    settings: Settings, topic: Topic, timestamps: list[int] | None
) -> None:
    publisher = Publisher(settings)
    messages = [(b"k", b"1"), (None, b"2"), (b"k", None)]
    publisher.publish(topic.name, messages, timestamps)
    publisher.flush()
    found = read_all(settings.kafka_bootstrap, topic.name)
    assert {(each.key(), each.value()) for each in found} == set(messages)
    if timestamps:
        times = {(each.key(), each.value()): each.timestamp()[1] for each in found}
        assert [times[message] for message in messages] == timestamps


@pytest.mark.parametrize("timestamps", [None, [5]], ids=["in a batch", "one by one"])
def test_record_that_the_broker_rejects_is_an_error(
    settings: Settings, topic: Topic, timestamps: list[int] | None
) -> None:
    publisher = Publisher(settings)
    too_large = os.urandom(10_000)  # or compression makes it small
    publisher.publish(topic.name, [(None, too_large)], timestamps)
    with pytest.raises(BrokerUnreachable, match=r"1 records could not be delivered to .*too large"):
        publisher.flush()


def test_unreachable_broker_is_an_error_after_the_timeout(settings: Settings) -> None:
    publisher = Publisher(settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"}))
    publisher.publish("customers", [(None, b"1"), (None, b"2")])
    with pytest.raises(BrokerUnreachable, match=r"2 records could not be delivered to 127\.0\.0"):
        publisher.flush(seconds=0.1)
