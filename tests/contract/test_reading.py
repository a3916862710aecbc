"""A topic is read to its present end, also while others write it."""

from contract import kafka, reading
from contract.settings import Settings
from contract.topics import topics
from tests.support.builders import eventually, produce, written_all_the_time


def test_all_of_a_topic_is_read(settings: Settings) -> None:
    kafka.ensure_topics(settings, topics(settings))
    topic = settings.topic_alerts
    assert list(reading.messages(settings, topic)) == []
    produce(settings.kafka_bootstrap, topic, [b"1", b"2", b"3"])
    found = reading.messages(settings, topic)
    assert sorted(message.value() or b"" for message in found) == [b"1", b"2", b"3"]


def test_no_message_is_read_of_a_topic_that_is_not_there(settings: Settings) -> None:
    assert list(reading.messages(settings, settings.topic_alerts)) == []


def test_a_topic_that_is_written_all_the_time_has_an_end(settings: Settings) -> None:
    kafka.ensure_topics(settings, topics(settings))
    topic = settings.topic_predictions
    with written_all_the_time(settings, topic) as goes_on:
        eventually(lambda: list(reading.messages(settings, topic)))
        assert goes_on()
