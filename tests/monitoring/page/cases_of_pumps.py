"""The live page of the pumps, in a real browser over a real broker, scorer and monitoring: run by
`tests/examples/test_pumps.py` in a process whose table is theirs.
"""

from collections.abc import Iterator
from functools import cache

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from contract.features import FEATURES, OPTIONAL
from contract.schema.default import SCHEMA
from data import dataset
from monitoring.drift.columns import PROBABILITY
from tests.monitoring.page.browsing import DRAWN, PHONE, opened
from tests.monitoring.page.stage import Play, Stage, staged


@cache
def data_set() -> pd.DataFrame:
    return dataset.load(dataset.DEFAULT)


def pumps(count: int, seed: int, drifted: bool) -> pd.DataFrame:
    """Rows of the data set; the old ones five times as often once it has drifted."""
    age = data_set()["age"]
    weights = 1 + 4 * (age > age.median()) if drifted else None
    return data_set().sample(count, replace=True, weights=weights, random_state=seed)


@pytest.fixture(scope="module")
def stage(
    kafka: str, champion: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """It has drifted."""
    play = Play(calm=2, drifted=2, rows=pumps)
    with staged(champion, tmp_path_factory.mktemp("pumps"), play, kafka_bootstrap=kafka) as found:
        yield found


def field(page: Page, name: str) -> Locator:
    return page.locator(f"#try [name='{name}']")


def fill(page: Page) -> None:
    """Fills in what must be."""
    for column in SCHEMA.columns:
        if column.nullable:
            continue
        if column.range is None:
            field(page, column.name).select_option(column.categories[1])
        else:
            field(page, column.name).fill(f"{column.range[0] + 25:g}")


def test_each_column_has_its_pictures(page: Page) -> None:
    for kind in ("column", "spread"):
        shown = page.locator(f"[data-{kind}]")
        names = shown.evaluate_all(f"(all) => all.map((each) => each.dataset.{kind})")
        assert names == [*FEATURES, PROBABILITY]
        for column in SCHEMA.columns:
            canvas = page.locator(f"[data-{kind}='{column.name}'] canvas")
            assert canvas.evaluate(DRAWN), column.name
            words = canvas.get_attribute("aria-label") or ""
            known = ("Histogram of", "Bands of") if column.numerical else ("Bars of", "Lines of")
            assert words.startswith(known), words


def test_form_has_each_field_as_its_column_is_described(page: Page) -> None:
    for column in SCHEMA.columns:
        found = field(page, column.name)
        if column.range is None:
            choices = found.locator("option").evaluate_all("(all) => all.map((each) => each.value)")
            assert choices == [*([""] if column.nullable else []), *column.categories]
        else:
            told = [found.get_attribute(name) for name in ("type", "min", "max", "step")]
            bounds = [f"{end:.15g}" for end in column.range]
            assert told == ["number", *bounds, "1" if column.integer else "any"]
            assert (found.get_attribute("required") is None) == column.nullable
        optional = " (may be left empty)" if column.nullable else ""
        label = page.locator(f"label[for='{found.get_attribute('id')}']")
        expect(label).to_have_text(f"{column.name}{optional}")
        if column.description:
            hint = page.locator(f"#{found.get_attribute('aria-describedby')}")
            expect(hint).to_contain_text(column.description)


def test_record_without_what_may_lack_is_published_and_answered_in_words(page: Page) -> None:
    fill(page)
    page.get_by_role("button", name="Publish and wait").click()
    verdict = page.locator("#answer .verdict")
    expect(verdict).to_be_visible(timeout=15_000)
    assert verdict.inner_text().startswith(SCHEMA.target.labels)
    sent = page.locator("#answer pre").first.text_content() or ""
    assert not any(name in sent for name in OPTIONAL)


def test_number_without_a_value_that_it_needs_is_named(page: Page) -> None:
    fill(page)
    field(page, "hours").fill("")
    page.get_by_role("button", name="Publish and wait").click()
    expect(page.locator("#answer")).to_contain_text("hours")
    expect(field(page, "hours")).to_be_focused()


def test_drift_is_told_of_the_column_that_drifted(page: Page) -> None:
    expect(page.locator("#state")).to_contain_text("data drift")
    expect(page.locator("#windows thead")).to_contain_text("vibration missing")


def test_people_with_disabilities_can_use_it_on_a_phone(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage.url, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
