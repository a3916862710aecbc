"""Killed at any moment and started again, the monitoring reports the same windows and figures."""

import random
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from contract import codec, kafka
from contract.schema.cars import Outcome
from contract.settings import Settings
from contract.topics import topics
from monitoring.settings import MonitoringSettings
from tests.monitoring.builders import a_prediction
from tests.support.builders import a_customer, eventually, produce, read_all
from tests.support.monitor import closed_windows, monitoring_process

LENGTH = 5_000


class Event(NamedTuple):
    """A customer, what was predicted of them if anything was, and what they did."""

    name: str
    time: int
    prediction: int | None
    purchased: int | None


def events(first_window: int, count: int, seed: int) -> list[Event]:
    """Three windows full, a little out of order, some without a prediction or an outcome."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        time_ = first_window + 3 * LENGTH * number // count + draw.randrange(-300, 300)
        time_ = min(max(time_, first_window), first_window + 3 * LENGTH - 1)
        prediction = draw.choice([0, 1]) if draw.random() < 0.98 else None
        purchased = draw.choice([0, 1]) if draw.random() < 0.7 else None
        made.append(Event(f"{seed}-{number}", time_, prediction, purchased))
    return made


def publish(settings: Settings, made: Sequence[Event], *, again: int = 50) -> None:
    """Customers, predictions and outcomes; some of the customers twice."""
    ages = [
        a_customer(id=each.name, event_time=each.time, age=20 + each.time % 40) for each in made
    ]
    customers = [codec.encode(each) for each in (*ages, *ages[len(ages) - again :])]
    predictions = [
        codec.encode(a_prediction(each.name, prediction=each.prediction, event_time=each.time))
        for each in made
        if each.prediction is not None
    ]
    outcomes = [
        codec.encode(Outcome(each.name, each.purchased))  # type: ignore[arg-type]
        for each in made
        if each.purchased is not None
    ]
    bootstrap = settings.kafka_bootstrap
    produce(bootstrap, settings.topic_customers, customers)
    produce(bootstrap, settings.topic_predictions, predictions)
    produce(bootstrap, settings.topic_outcomes, outcomes)


def expected(made: Sequence[Event], again: int = 50) -> dict[int, dict[str, Any]]:
    """The figures that the windows must have, counted one by one."""
    windows_by_start: dict[int, dict[str, Any]] = {}
    repeated = {each.name for each in made[len(made) - again :]}
    for start in {each.time - each.time % LENGTH for each in made}:
        in_window = [each for each in made if start <= each.time < start + LENGTH]
        predicted = [each for each in in_window if each.prediction is not None]
        labelled = [each for each in predicted if each.purchased is not None]
        correct = sum(each.prediction == each.purchased for each in labelled)
        windows_by_start[start] = {
            "rows": len(in_window),
            "predictions": len(predicted),
            "joined": len(predicted),
            "duplicates": sum(each.name in repeated for each in in_window),
            "labelled_rows": len(labelled),
            "accuracy": correct / len(labelled),
            "result": "reported",
        }
    return windows_by_start


def figures(settings: MonitoringSettings) -> dict[int, dict[str, Any]]:
    names = ("rows", "predictions", "joined", "duplicates", "labelled_rows", "accuracy", "result")
    return {
        start: {name: window[name] for name in names}
        for start, window in closed_windows(settings).items()
    }


def test_a_killed_monitoring_continues_with_nothing_skipped_and_nothing_counted_twice(
    monitoring_settings: MonitoringSettings,
) -> None:
    monitoring_settings = monitoring_settings.model_copy(  # late records are never too late
        update={"pending_label_max_windows": 2_000, "report_retention_count": 2_000}
    )
    kafka.ensure_topics(monitoring_settings, topics(monitoring_settings))
    now = round(time.time() * 1000)
    first_window = now - now % LENGTH - 20 * LENGTH
    early, late = events(first_window, 6_000, 1), events(first_window + 3 * LENGTH, 6_000, 2)
    tardy = events(first_window, 300, 3)
    before, both = expected(early), expected(early) | expected(late)
    final = expected([*tardy, *early]) | expected(late)

    publish(monitoring_settings, early)
    with monitoring_process(monitoring_settings) as process:
        eventually(lambda: closed_windows(monitoring_settings), every=0.01, deadline=60)
        process.kill()  # the first window is reported, the others are on their way
        process.wait()
    publish(monitoring_settings, late)
    with monitoring_process(monitoring_settings) as process:
        eventually(
            lambda: len(closed_windows(monitoring_settings)) > len(before), every=0.01, deadline=60
        )
        reported = figures(monitoring_settings)
        publish(monitoring_settings, tardy, again=0)
        process.kill()
        process.wait()
    with monitoring_process(monitoring_settings):
        eventually(lambda: figures(monitoring_settings) == final, deadline=120)
        assert {start: each["rows"] for start, each in reported.items()} == {
            start: both[start]["rows"] for start in reported
        }
        assert {closed_windows(monitoring_settings)[start]["revision"] > 0 for start in before} == {
            True
        }
        assert_each_alert_is_there_once(monitoring_settings)


def assert_each_alert_is_there_once(settings: Settings) -> None:
    """These customers are younger than those of the reference, so there is drift."""
    messages = read_all(settings.kafka_bootstrap, settings.topic_alerts)
    alerts = [codec.decode_alert(message.value()) for message in messages]
    names = [(each.kind, each.status) for each in alerts]
    assert ("data_drift", "firing") in names
    assert len(set(names)) == len(names)
