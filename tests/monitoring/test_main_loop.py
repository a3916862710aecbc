"""The main loop on a real broker: odd times, and records that cannot be joined, are counted."""

import time
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contract import codec, kafka
from contract.events import ShadowComparison
from contract.schema.cars import Outcome
from contract.topics import topics
from monitoring.settings import MonitoringSettings
from tests.monitoring.builders import a_prediction
from tests.support.builders import a_customer, eventually, produce, read_all
from tests.support.monitor import closed_windows, get_page, monitoring_process

HOUR = 3_600_000


@pytest.fixture
def running(monitoring_settings: MonitoringSettings) -> Iterator[MonitoringSettings]:
    kafka.ensure_topics(monitoring_settings, topics(monitoring_settings))
    settings = monitoring_settings.model_copy(update={"tombstones": "skip"})
    with monitoring_process(settings):
        yield settings


def records(settings: MonitoringSettings, topic: str) -> dict[str, float]:
    """Counts the records of a topic by result."""
    families = text_string_to_metric_families(get_page(settings, "/metrics").decode())
    return {
        sample.labels["result"]: sample.value
        for family in families
        for sample in family.samples
        if sample.name == "intent_monitoring_records_total" and sample.labels["topic"] == topic
    }


def compared(settings: MonitoringSettings) -> list[ShadowComparison]:
    """Reads the comparisons of champion and shadow."""
    messages = read_all(settings.kafka_bootstrap, topics(settings).shadow_comparisons.name)
    return [codec.decode_shadow_comparison(message.value()) for message in messages]


def test_every_record_is_counted_by_its_result(running: MonitoringSettings) -> None:
    now = round(time.time() * 1000)
    # the past first: it would be late if what comes after it were read before it
    times = {"past": now - HOUR, "present": now, "future": now + HOUR, "twice": now}
    bootstrap = running.kafka_bootstrap
    customers: list[bytes | None] = [
        codec.encode(a_customer(id=name, event_time=at)) for name, at in times.items()
    ]
    customers += [codec.encode(a_customer(id="twice", event_time=now)), b"{", None]
    produce(bootstrap, running.topic_customers, customers, partition=0)
    eventually(lambda: records(running, running.topic_customers).get("windowed") == 4)
    produce(
        bootstrap,
        running.topic_predictions,
        [codec.encode(a_prediction(name, event_time=now)) for name in ("present", "stranger")],
    )
    eventually(lambda: len(closed_windows(running)) == 2, deadline=30)

    past, present = (each for _, each in sorted(closed_windows(running).items()))
    assert (past["rows"], past["joined"]) == (1, 0)
    assert (present["rows"], present["duplicates"], present["joined"]) == (2, 1, 1)
    assert (present["predictions"], present["invalid"]) == (2, {"malformed_json": 1})
    assert records(running, running.topic_customers) == {
        "windowed": 4, "future": 1, "invalid": 1, "tombstone": 1,
    }  # fmt: skip

    late = [codec.encode(a_customer(id="late", event_time=now - HOUR))]
    produce(bootstrap, running.topic_customers, late)
    eventually(lambda: records(running, running.topic_customers).get("late") == 1)
    shadow = codec.encode(a_prediction("present", event_time=now, model_version="2", prediction=0))
    produce(bootstrap, topics(running).shadow.name, [shadow])
    eventually(lambda: compared(running))
    outcome = codec.encode(Outcome("present", 1))
    produce(bootstrap, running.topic_outcomes, [outcome, outcome, None])
    eventually(lambda: records(running, running.topic_outcomes).get("duplicate") == 1)
    eventually(lambda: records(running, running.topic_outcomes).get("tombstone") == 1)
    assert "invalid" not in records(running, running.topic_outcomes)
    eventually(lambda: closed_windows(running)[present["start"]]["labelled_rows"] == 1)
    assert len(closed_windows(running)) == 2

    eventually(lambda: compared(running)[-1].labelled_rows == 1)
    latest = compared(running)[-1]
    assert (latest.champion_version, latest.shadow_version, latest.window_start) == (
        "1",
        "2",
        present["start"],
    )
    assert (latest.rows, latest.disagreements, latest.champion_only_correct) == (1, 1, 1)
    metrics = get_page(running, "/metrics").decode()
    assert 'intent_shadow_disagreement{champion="1",shadow="2"} 1.0' in metrics
    assert 'intent_shadow_accuracy{champion="1",role="shadow",shadow="2"} 0.0' in metrics
