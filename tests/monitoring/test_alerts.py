"""Episodes begin once and end once, and so do their alerts."""

import pytest

from contract import codec, kafka
from contract.events import Alert
from contract.settings import Settings
from contract.topics import topics
from monitoring.alerts import Episodes, Judged, follow, outbox
from monitoring.drift.results import Finding, Reason
from monitoring.windows.summary import Summary
from tests.support.builders import read_all


def judged(start: int, **drifting: bool) -> Judged:
    """A window in which these columns were judged, and whether each differs."""
    summary = Summary(start, start + 10, 5, 5, 5, 0, 1.0, 5, "reported", "3", report="r.html")
    findings = {
        name: Finding(name, Reason.COMPARED, alarm=alarm, since=start, words=f"{name}!")
        for name, alarm in drifting.items()
    }
    return Judged(summary, "car-purchase", findings)


def told(windows: list[Judged]) -> list[tuple[str, str]]:
    episodes: Episodes = {}
    alerts: list[Alert] = []
    for window in windows:
        episodes, new = follow(episodes, window)
        alerts += new
    return [(alert.incident, alert.status) for alert in alerts]


def test_an_episode_is_told_when_it_begins_and_when_it_ends_and_never_between() -> None:
    windows = [judged(0, Age=False), judged(10, Age=True), judged(20, Age=True)]
    assert told(windows) == [("data_drift-10", "firing")]
    windows += [judged(30, Age=False), judged(40, Age=False), judged(50, Age=True)]
    assert told(windows) == [
        ("data_drift-10", "firing"),
        ("data_drift-10", "resolved"),
        ("data_drift-50", "firing"),
    ]


def test_a_second_column_joins_the_episode_that_is_open() -> None:
    windows = [
        judged(0, Age=True, Gender=False),
        judged(10, Age=True, Gender=True),
        judged(20, Age=False, Gender=True),
        judged(30, Age=False, Gender=False),
    ]
    assert told(windows) == [("data_drift-0", "firing"), ("data_drift-0", "resolved")]


def test_each_kind_has_episodes_of_its_own() -> None:
    found = told([judged(0, Age=True, prediction=True, Purchased=True, correct=True)])
    assert [name for name, _ in found] == [
        "data_drift-0",
        "prediction_drift-0",
        "target_drift-0",
        "performance-0",
    ]


def test_a_kind_that_was_not_judged_stays_as_it_is() -> None:
    windows = [judged(0, correct=True), judged(10, Age=False), judged(20, correct=True)]
    assert told(windows) == [("performance-0", "firing")]


def test_an_alert_says_what_since_when_and_where_to_look() -> None:
    _, (alert,) = follow({}, judged(10, Age=True, Gender=False))
    assert (alert.kind, alert.started_at, alert.window_start, alert.model_version) == (
        "data_drift", 10, 10, "3",
    )  # fmt: skip
    assert alert.message == "Age!"
    assert [each.column for each in alert.columns] == ["Age"]
    assert alert.report_path == "/reports/r.html"


def alert(number: int, status: str = "firing") -> Alert:
    _, (made,) = follow({}, judged(number, Age=True))
    assert made.status == "firing"
    return codec.decode_alert(codec.encode(made).replace(b'"firing"', f'"{status}"'.encode()))


@pytest.fixture
def outbox_settings(settings: Settings) -> Settings:
    kafka.ensure_topics(settings, topics(settings))
    return settings


def names(settings: Settings) -> list[tuple[str, str]]:
    messages = read_all(settings.kafka_bootstrap, settings.topic_alerts)
    alerts = [codec.decode_alert(message.value()) for message in messages]
    return [(each.incident, each.status) for each in alerts]


def test_alerts_reach_the_topic_in_order_and_once(outbox_settings: Settings) -> None:
    box = outbox(outbox_settings)
    box.add([alert(1), alert(1, "resolved"), alert(2)])
    box.add([alert(1)])
    box.send()
    box.add([alert(2)])
    box.send()
    assert len(box) == 0
    assert names(outbox_settings) == [
        ("data_drift-1", "firing"),
        ("data_drift-1", "resolved"),
        ("data_drift-2", "firing"),
    ]


def test_a_process_that_died_after_sending_does_not_send_again(outbox_settings: Settings) -> None:
    first = outbox(outbox_settings)
    first.add([alert(1)])
    first.send()
    second = outbox(outbox_settings)
    second.add([alert(1), alert(2)])
    second.send()
    assert names(outbox_settings) == [("data_drift-1", "firing"), ("data_drift-2", "firing")]
