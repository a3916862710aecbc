"""Windows wait for a partition that an open transaction holds back, and not without end."""

import time

import pytest
from confluent_kafka import Producer
from prometheus_client.parser import text_string_to_metric_families

from contract import codec, kafka
from contract.topics import topics
from monitoring.settings import MonitoringSettings
from monitoring.windows.held_partitions import SETTLE_TIME, HeldPartitions
from tests.monitoring.builders import a_prediction
from tests.support.builders import a_customer, eventually, produce
from tests.support.monitor import closed_windows, get_page, monitoring_process
from tests.support.transactions import open_transaction

C1, C2 = ("customers", 1), ("customers", 2)
LENGTH = 5_000
HOUR = 3_600_000
EVER = float("inf")


def test_held_partition_is_awaited_until_the_timeout_and_then_missing() -> None:
    held = HeldPartitions(60)
    held.update({C1: 7}, {C1: 1_000}, 100)
    held.update({C1: 7, C2: 3}, {C1: 1_000, C2: 5_000}, 159)
    assert (held.watermark, len(held.missing)) == (1_000, 0)
    held.update({C1: 7, C2: 3}, {C1: 1_000, C2: 5_000}, 160)
    assert (held.watermark, *held.missing) == (5_000, C1)
    held.update({C2: 3}, {C2: 5_000}, 170)
    assert (held.watermark, len(held.missing)) == (5_000, 0)


def test_each_transaction_has_its_own_time() -> None:
    held = HeldPartitions(60)
    held.update({C1: 7}, {C1: 1_000}, 100)
    held.update({C1: 9}, {C1: 2_000}, 159)
    held.update({C1: 9}, {C1: 2_000}, 218)
    assert held.watermark == 2_000
    held.update({C1: 9}, {C1: 2_000}, 219)
    assert held.missing == {C1}


def test_windows_wait_a_little_longer_for_the_predictions_of_what_was_held() -> None:
    held = HeldPartitions(60)
    held.update({C1: 7}, {C1: 1_000}, 100)
    assert not held.is_waiting
    held.update({C1: 7}, {C1: 1_000}, 100 + SETTLE_TIME)
    assert held.is_waiting
    held.update({}, {}, 110)
    assert (held.watermark, held.is_waiting) == (1_000, True)
    held.update({}, {}, 110 + SETTLE_TIME)
    assert (held.watermark, held.is_waiting) == (EVER, False)


def test_neither_a_short_transaction_nor_one_that_was_given_up_is_followed_by_a_wait() -> None:
    held = HeldPartitions(60)
    held.update({C1: 7, C2: 3}, {C1: 1_000, C2: 1_000}, 100)
    held.update({C2: 3}, {C2: 1_000}, 101)
    assert held.watermark == 1_000
    held.update({C2: 3}, {C2: 1_000}, 160)
    held.update({}, {}, 161)
    assert (held.watermark, held.is_waiting) == (EVER, False)


def test_windows_follow_transactions_that_end_one_after_the_other() -> None:
    """In each partition a transaction of 8 s after the other, as of a Flink job; one read a ms."""
    held = HeldPartitions(60)
    for now in range(100, 200):
        begun = {C1: now - now % 8, C2: now - (now + 4) % 8}
        times = {partition: 1_000.0 * at for partition, at in begun.items()}
        held.update(begun, times, now)
        assert held.watermark >= 1_000 * (now - 8 - 8) or now < 110
    assert held.watermark < EVER


def metric(settings: MonitoringSettings, name: str, **labels: str) -> float | None:
    families = text_string_to_metric_families(get_page(settings, "/metrics").decode())
    return next(
        (
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ),
        None,
    )


def windowed(settings: MonitoringSettings, topic: str) -> float | None:
    return metric(settings, "intent_monitoring_records_total", topic=topic, result="windowed")


@pytest.fixture
def start() -> int:
    """Start of a window an hour ago."""
    return (round(time.time() * 1000) - HOUR) // LENGTH * LENGTH


@pytest.fixture
def upstream(monitoring_settings: MonitoringSettings, start: int) -> Producer:
    """Holds back a record of the first window in partition 1; partition 0 is four windows ahead."""
    settings = monitoring_settings
    kafka.ensure_topics(settings, topics(settings))
    names = {"a": start, "b": start + 1, "later": start + 4 * LENGTH}
    customers = [codec.encode(a_customer(id=name, event_time=at)) for name, at in names.items()]
    produce(settings.kafka_bootstrap, settings.topic_customers, customers, partition=0)
    early = codec.encode(a_customer(id="early", event_time=start))
    produce(settings.kafka_bootstrap, settings.topic_customers, [early], partition=1)
    names["early"] = start
    predicted = [codec.encode(a_prediction(name, event_time=at)) for name, at in names.items()]
    produce(settings.kafka_bootstrap, settings.topic_predictions, predicted, partition=0)
    held = codec.encode(a_customer(id="held", event_time=start + 2))
    return open_transaction(settings, held, partition=1)


def held_for(settings: MonitoringSettings) -> float | None:
    """Seconds for which the transaction has held back its partition."""
    return metric(settings, "intent_monitoring_open_transaction_seconds")


def test_window_has_the_records_of_a_transaction_that_ends_in_time(
    monitoring_settings: MonitoringSettings, upstream: Producer, start: int
) -> None:
    settings = monitoring_settings
    with monitoring_process(settings):
        eventually(lambda: windowed(settings, settings.topic_customers) == 4)
        eventually(lambda: windowed(settings, settings.topic_predictions) == 4)
        eventually(lambda: (held_for(settings) or 0) > SETTLE_TIME + 1)
        assert metric(settings, "intent_open_windows") == 2
        reason = f"{settings.topic_customers}, partition 1: an open transaction of producer"
        eventually(lambda: reason in get_page(settings, "/healthz").decode())
        upstream.commit_transaction(30)
        held = codec.encode(a_prediction("held", event_time=start + 2))
        produce(settings.kafka_bootstrap, settings.topic_predictions, [held], partition=0)
        eventually(lambda: len(closed_windows(settings)) == 2)
        first = closed_windows(settings)[start]
        assert (first["rows"], first["joined"], first["missing_partitions"]) == (4, 4, [])
        assert metric(settings, "intent_window_missing_partitions") == 0


def test_window_that_closes_without_the_records_of_a_transaction_gets_them_when_it_ends(
    monitoring_settings: MonitoringSettings, upstream: Producer, start: int
) -> None:
    settings = monitoring_settings.model_copy(
        update={
            "open_transaction_timeout": 1,
            "pending_label_max_windows": 2_000,  # more than an hour
            "report_retention_count": 2_000,
        }
    )
    with monitoring_process(settings):
        eventually(lambda: len(closed_windows(settings)) == 2)
        first = closed_windows(settings)[start]
        assert first["rows"] == 3
        assert first["missing_partitions"] == [f"{settings.topic_customers}-1"]
        eventually(lambda: metric(settings, "intent_window_missing_partitions") == 1)
        upstream.commit_transaction(30)
        eventually(lambda: closed_windows(settings)[start]["rows"] == 4, deadline=60)
        first = closed_windows(settings)[start]
        assert (first["missing_partitions"], first["revision"]) == ([], 1)
        assert len(closed_windows(settings)) == 2
        assert metric(settings, "intent_window_updates_total") == 1
        assert metric(
            settings, "intent_monitoring_records_total",
            topic=settings.topic_customers, result="late_windowed",
        ) == 1  # fmt: skip
