"""A topic is read to its present end, also while it is written."""

from contract import bounded_reader, kafka
from contract.settings import Settings
from contract.topics import topics
from tests.support.builders import continuous_writes, eventually, produce


def test_all_messages_of_a_topic_are_read(settings: Settings) -> None:
    kafka.ensure_topics(settings, topics(settings))
    topic = settings.topic_alerts
    assert list(bounded_reader.read_topic(settings, topic)) == []
    produce(settings.kafka_bootstrap, topic, [b"1", b"2", b"3"])
    found = bounded_reader.read_topic(settings, topic)
    assert sorted(message.value() or b"" for message in found) == [b"1", b"2", b"3"]


def test_missing_topic_has_no_messages(settings: Settings) -> None:
    assert list(bounded_reader.read_topic(settings, settings.topic_alerts)) == []


def test_reading_ends_although_the_topic_is_written_meanwhile(settings: Settings) -> None:
    kafka.ensure_topics(settings, topics(settings))
    topic = settings.topic_predictions
    with continuous_writes(settings, topic) as goes_on:
        eventually(lambda: list(bounded_reader.read_topic(settings, topic)))
        assert goes_on()
