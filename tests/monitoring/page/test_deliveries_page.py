"""A numeric target from the topics to the alerts and the live page, with a broker and a scorer."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from contract import codec
from contract.events import Alert
from contract.settings import load
from data import dataset
from monitoring.drift.columns import COVERAGE, PREDICTION
from monitoring.windows.regression_scores import RegressionScores, numbers_and_intervals
from tests.examples.deliveries import DELIVERIES, SCHEMA
from tests.monitoring.page.browsing import IS_DRAWN, check_on_phone
from tests.monitoring.page.scenario import WINDOW_ROWS, LivePage, Scenario, run_scenario
from tests.support.builders import eventually, read_all
from tests.support.monitor import closed_windows, get_page
from training.settings import TrainingSettings
from training.steps import train_and_promote

T = TypeVar("T")

PATIENCE = 60_000
"""Milliseconds for what needs a window or a scored record."""

DELAY = 25
"""Minutes that each delivery takes longer, once something has changed that no feature shows."""


def draw_deliveries(count: int, seed: int, drifted: bool) -> pd.DataFrame:
    """Draws rows of the data set, which take longer with drift."""
    rows = dataset.load_dataset(SCHEMA.dataset, SCHEMA)
    drawn = rows.sample(count, replace=True, random_state=seed, ignore_index=True)
    return drawn.assign(minutes=(drawn["minutes"] + DELAY * drifted).clip(upper=600))


@pytest.fixture(scope="module")
def live_page(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePage]:
    """The page of a stream whose outcomes have drifted."""
    data_dir = tmp_path_factory.mktemp("deliveries")
    training = load(TrainingSettings, data_dir=data_dir, schema_file=str(DELIVERIES))
    train_and_promote(training)
    champion = {
        "mlflow_uri": training.registry_uri,
        "model_name": training.model_name,
        "schema_file": str(DELIVERIES),
    }
    scenario = Scenario(
        stable_windows=2,
        drifted_windows=2,
        live_stable_seconds=10_000,
        draw_rows=draw_deliveries,
        schema=SCHEMA,
    )
    with run_scenario(champion, data_dir, scenario, kafka_bootstrap=kafka) as live_page:
        yield live_page


def first_window(live_page: LivePage) -> dict[str, Any]:
    """The first window."""
    windows = closed_windows(live_page.settings)
    return windows[min(windows)]


def events(live_page: LivePage, topic: str, decode: Callable[[bytes | None], T]) -> list[T]:
    messages = read_all(live_page.settings.kafka_bootstrap, topic)
    return [decode(message.value()) for message in messages]


def test_scores_are_those_of_the_events_on_the_topics(live_page: LivePage) -> None:
    settings = live_page.settings
    eventually(lambda: first_window(live_page)["labelled_rows"] == WINDOW_ROWS, deadline=60)
    window = first_window(live_page)
    predictions = {
        each.id: each
        for each in events(live_page, settings.topic_predictions, SCHEMA.codec.decode_prediction)
        if window["start"] <= each.event_time < window["end"]
    }
    outcomes = {
        each.id: each.actual
        for each in events(live_page, settings.topic_outcomes, SCHEMA.codec.decode_outcome)
    }
    ids = sorted(predictions)
    expected = RegressionScores.measure(
        pd.Series([outcomes[each] for each in ids]).to_numpy("float64"),
        numbers_and_intervals(predictions[each] for each in ids),
    )
    found = window["regression"]
    assert found["rows"] == window["labelled_rows"] == len(ids)
    assert expected.mae is not None
    assert expected.coverage is not None
    assert found["mae"]["value"] == pytest.approx(expected.mae.value)
    assert found["coverage"]["value"] == pytest.approx(expected.coverage.value)
    assert found["rmse"] == pytest.approx(expected.rmse)


def test_outcomes_outside_of_the_intervals_raise_the_alert(live_page: LivePage) -> None:
    def performance_alerts() -> list[Alert]:
        alerts = events(live_page, live_page.settings.topic_alerts, codec.decode_alert)
        return [each for each in alerts if each.kind == "performance"]

    eventually(performance_alerts, deadline=60)
    firing, *_ = performance_alerts()
    assert firing.status == "firing"
    assert [each.column for each in firing.columns] == [COVERAGE]
    assert "of the outcomes are inside their prediction interval" in firing.message


def test_page_shows_numbers(page: Page) -> None:
    for attribute in ("data-distribution", "data-window-distribution"):
        card = page.locator(f"[{attribute}='{PREDICTION}'] canvas")
        assert card.evaluate(IS_DRAWN), attribute
    for chart in ("errors", "coverage"):
        assert page.locator(f"#chart-{chart} canvas").evaluate(IS_DRAWN), chart
    expect(page.locator("#chart-accuracy, #chart-confusion")).to_have_count(0)
    expect(page.locator("#windows thead")).to_contain_text("Mean absolute error, min")
    expect(page.locator("#windows thead")).to_contain_text("Inside the interval")
    expect(page.locator("#windows thead")).to_contain_text(COVERAGE)
    expect(page.locator("#rule")).to_contain_text("min (90.0 %)", timeout=PATIENCE)
    alerts = page.locator("#timeline")
    expect(alerts).to_contain_text("inside their prediction interval", timeout=PATIENCE)


def test_record_of_the_form_gets_a_number_with_its_interval(page: Page) -> None:
    for name, value in (("distance", "20"), ("parcels", "3"), ("stops", "2")):
        page.locator(f"#record-form [name='{name}']").fill(value)
    page.locator("#record-form [name='vehicle']").select_option("van")
    page.get_by_role("button", name="Publish and wait").click()
    prediction = page.locator("#result .prediction")
    expect(prediction).to_be_visible(timeout=PATIENCE)
    expect(prediction).to_contain_text(" min, ")
    shown = json.loads(page.locator("#result pre").last.text_content() or "")
    low, high = shown["interval"]
    assert low < shown["prediction"] < high


def test_metrics_are_of_numbers(live_page: LivePage) -> None:
    text = get_page(live_page.settings, "/metrics").decode()
    assert "\nintent_mean_absolute_error " in text
    assert "\nintent_interval_coverage_ratio " in text
    assert "intent_accuracy" not in text


def test_page_is_accessible_on_a_phone(browser: Browser, live_page: LivePage) -> None:
    check_on_phone(browser, live_page.url)
