"""Incidents begin once and end once, and each has one alert for either."""

import pytest
from msgspec.structs import replace

from contract import codec, kafka
from contract.events import Alert
from contract.schema import CARS
from contract.settings import Settings
from contract.topics import topics
from monitoring.alerts import ComparedWindow, OpenIncidents, alert_outbox, update_incidents
from monitoring.drift.results import ColumnResult, ComparisonStatus
from monitoring.windows.summary import WindowSummary
from tests.support.builders import read_all


def window(start: int, **drifting: bool) -> ComparedWindow:
    """A window in which these columns were compared, with whether each is in alarm."""
    summary = WindowSummary(start, start + 10, 5, 5, 5, 0, 1.0, 5, "reported", "3", report="r.html")
    results = {
        name: ColumnResult(
            name, ComparisonStatus.COMPARED, alarm=alarm, started_at=start, message=f"{name}!"
        )
        for name, alarm in drifting.items()
    }
    return ComparedWindow(summary, "car-purchase", results)


def sent(windows: list[ComparedWindow]) -> list[tuple[str, str]]:
    incidents: OpenIncidents = {}
    alerts: list[Alert] = []
    for window in windows:
        incidents, new = update_incidents(incidents, window, CARS)
        alerts += new
    return [(alert.incident, alert.status) for alert in alerts]


def test_an_incident_has_an_alert_when_it_begins_and_one_when_it_ends() -> None:
    windows = [window(0, Age=False), window(10, Age=True), window(20, Age=True)]
    assert sent(windows) == [("data_drift-10", "firing")]
    windows += [window(30, Age=False), window(40, Age=False), window(50, Age=True)]
    assert sent(windows) == [
        ("data_drift-10", "firing"),
        ("data_drift-10", "resolved"),
        ("data_drift-50", "firing"),
    ]


def test_a_second_column_joins_the_open_incident() -> None:
    windows = [
        window(0, Age=True, Gender=False),
        window(10, Age=True, Gender=True),
        window(20, Age=False, Gender=True),
        window(30, Age=False, Gender=False),
    ]
    assert sent(windows) == [("data_drift-0", "firing"), ("data_drift-0", "resolved")]


def test_each_kind_has_its_own_incidents() -> None:
    alerts = sent([window(0, Age=True, prediction=True, Purchased=True, correct=True)])
    assert [name for name, _ in alerts] == [
        "data_drift-0",
        "prediction_drift-0",
        "target_drift-0",
        "performance-0",
    ]


def test_a_kind_without_a_compared_column_stays_as_it_is() -> None:
    windows = [window(0, correct=True), window(10, Age=False), window(20, correct=True)]
    assert sent(windows) == [("performance-0", "firing")]


def test_an_alert_says_what_drifted_since_when_and_where_its_report_is() -> None:
    _, (alert,) = update_incidents({}, window(10, Age=True, Gender=False), CARS)
    assert (alert.kind, alert.started_at, alert.window_start, alert.model_version) == (
        "data_drift", 10, 10, "3",
    )  # fmt: skip
    assert alert.message == "Age!"
    assert [each.column for each in alert.columns] == ["Age"]
    assert alert.report_path == "/reports/r.html"


def test_an_alert_says_which_records_its_window_did_not_get() -> None:
    complete = window(10, Age=True)
    summary = replace(complete.summary, missing_partitions=("customers-1",))
    incomplete = ComparedWindow(summary, complete.model, complete.results)
    _, (alert,) = update_incidents({}, incomplete, CARS)
    assert alert.message == (
        "Age! Records of customers-1 are missing: an open transaction holds them back."
    )


def alert(number: int, status: str = "firing") -> Alert:
    _, (made,) = update_incidents({}, window(number, Age=True), CARS)
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
    box = alert_outbox(outbox_settings)
    box.add_events([alert(1), alert(1, "resolved"), alert(2)])
    box.add_events([alert(1)])
    box.send_pending()
    box.add_events([alert(2)])
    box.send_pending()
    assert len(box) == 0
    assert names(outbox_settings) == [
        ("data_drift-1", "firing"),
        ("data_drift-1", "resolved"),
        ("data_drift-2", "firing"),
    ]


def test_a_process_that_died_after_sending_does_not_send_again(outbox_settings: Settings) -> None:
    first = alert_outbox(outbox_settings)
    first.add_events([alert(1)])
    first.send_pending()
    second = alert_outbox(outbox_settings)
    second.add_events([alert(1), alert(2)])
    second.send_pending()
    assert names(outbox_settings) == [("data_drift-1", "firing"), ("data_drift-2", "firing")]
