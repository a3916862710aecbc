"""The live page of the pumps schema, in a browser, with a broker, a scorer and the monitoring."""

from collections.abc import Iterator
from functools import cache

import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from contract.schema import Schema
from contract.settings import load
from data import dataset
from monitoring.drift.columns import PROBABILITY
from tests.examples.pumps import PUMPS
from tests.monitoring.page.browsing import IS_DRAWN, check_on_phone
from tests.monitoring.page.scenario import LivePage, Scenario, run_scenario
from training.settings import TrainingSettings
from training.steps import train_and_promote

SCHEMA = Schema.load(PUMPS)


@cache
def load_pumps() -> pd.DataFrame:
    return dataset.load_dataset(SCHEMA.dataset, SCHEMA)


def draw_pumps(count: int, seed: int, drifted: bool) -> pd.DataFrame:
    """Draws rows of the data set; with drift, old pumps are five times as frequent."""
    age = load_pumps()["age"]
    weights = 1 + 4 * (age > age.median()) if drifted else None
    return load_pumps().sample(count, replace=True, weights=weights, random_state=seed)


@pytest.fixture(scope="module")
def live_page(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePage]:
    """The page of a stream that has drifted."""
    data_dir = tmp_path_factory.mktemp("pumps")
    training = load(TrainingSettings, data_dir=data_dir, schema_file=str(PUMPS), lookback_hours=0)
    train_and_promote(training)
    champion = {
        "mlflow_uri": training.registry_uri,
        "model_name": training.model_name,
        "schema_file": str(PUMPS),
    }
    scenario = Scenario(stable_windows=2, drifted_windows=2, draw_rows=draw_pumps, schema=SCHEMA)
    with run_scenario(champion, data_dir, scenario, kafka_bootstrap=kafka) as live_page:
        yield live_page


def field(page: Page, name: str) -> Locator:
    return page.locator(f"#record-form [name='{name}']")


def fill(page: Page) -> None:
    """Fills the required fields."""
    for column in SCHEMA.columns:
        if column.nullable:
            continue
        if column.range is None:
            field(page, column.name).select_option(str(column.categories[1]))
        else:
            field(page, column.name).fill(f"{column.range[0] + 25:g}")


def test_each_column_has_a_live_distribution_and_one_per_window(page: Page) -> None:
    for attribute in ("data-distribution", "data-window-distribution"):
        cards = page.locator(f"[{attribute}]")
        names = cards.evaluate_all(f"(all) => all.map((card) => card.getAttribute('{attribute}'))")
        assert names == [*SCHEMA.features, PROBABILITY]
        for column in SCHEMA.columns:
            canvas = page.locator(f"[{attribute}='{column.name}'] canvas")
            assert canvas.evaluate(IS_DRAWN), column.name
            label = canvas.get_attribute("aria-label") or ""
            expected = (
                ("Histogram of", "Quantile bands of")
                if column.numerical
                else ("Bar chart of", "Line chart of")
            )
            assert label.startswith(expected), label


def test_form_has_a_field_for_each_column_of_the_schema(page: Page) -> None:
    for column in SCHEMA.columns:
        control = field(page, column.name)
        if column.range is None:
            choices = control.locator("option").evaluate_all(
                "(all) => all.map((option) => option.value)"
            )
            assert choices == [*([""] if column.nullable else []), *column.categories]
        else:
            attributes = [control.get_attribute(name) for name in ("type", "min", "max", "step")]
            bounds = [f"{end:.15g}" for end in column.range]
            assert attributes == ["number", *bounds, "1" if column.integer else "any"]
            assert (control.get_attribute("required") is None) == column.nullable
        optional = " (optional)" if column.nullable else ""
        label = page.locator(f"label[for='{control.get_attribute('id')}']")
        expect(label).to_have_text(f"{column.name}{optional}")
        if column.description:
            hint = page.locator(f"#{control.get_attribute('aria-describedby')}")
            expect(hint).to_contain_text(column.description)


def test_record_without_optional_values_gets_a_prediction_with_its_label(page: Page) -> None:
    fill(page)
    page.get_by_role("button", name="Publish and wait").click()
    prediction = page.locator("#result .prediction")
    expect(prediction).to_be_visible()
    assert prediction.inner_text().startswith(SCHEMA.target.labels)
    published = page.locator("#result pre").first.text_content() or ""
    assert not any(name in published for name in SCHEMA.nullable)


def test_empty_required_field_is_named(page: Page) -> None:
    fill(page)
    field(page, "hours").fill("")
    page.get_by_role("button", name="Publish and wait").click()
    expect(page.locator("#result")).to_contain_text("hours")
    expect(field(page, "hours")).to_be_focused()


def test_drift_is_shown_for_the_column_that_drifted(page: Page) -> None:
    expect(page.locator("#state")).to_contain_text("data drift")
    expect(page.locator("#windows thead")).to_contain_text("vibration missing")


def test_page_is_accessible_on_a_phone(browser: Browser, live_page: LivePage) -> None:
    check_on_phone(browser, live_page.url)
