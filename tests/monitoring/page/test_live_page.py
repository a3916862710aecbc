"""The live page in a browser, with a broker, a scorer and the monitoring."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from contract.schema import CARS
from tests.monitoring.page.browsing import (
    IS_DRAWN,
    check_on_phone,
    open_page,
    wait_for_figure,
    wait_until,
)
from tests.monitoring.page.scenario import MALICIOUS, LivePage, Scenario
from tests.support.builders import eventually


def as_number(text: str | None) -> float:
    return float((text or "").replace(",", ""))


def fill(page: Page, **changes: str) -> None:
    """Fills the form with valid values, taken from its own fields."""
    for name in CARS.features:
        field = page.get_by_label(name, exact=True)
        if name in CARS.numerical:
            minimum = as_number(field.get_attribute("min"))
            field.fill(changes.get(name, str(minimum + 40)))
        else:
            field.select_option(index=1)


def test_the_figures_of_the_stream_change_each_second(page: Page) -> None:
    expect(page.locator("#model_version")).to_have_text("1")
    expect(page.locator("#rule")).to_have_text("threshold 0.5")
    for name in ("arrival_rate", "scoring_rate"):
        wait_until(page, "(id) => Number(document.getElementById(id).textContent) > 10", name)
    for name in ("lag", "latency_p50", "latency_p99"):
        wait_for_figure(page, name)
    label = page.evaluate("document.querySelector('#chart-rates canvas').ariaLabel")
    assert "records per second arrive" in label
    page.locator("#chart-rates summary").click()
    first = page.locator("#chart-rates tbody th").first
    before = first.text_content()
    wait_until(
        page,
        "(before) => document.querySelector('#chart-rates tbody th').textContent !== before",
        before,
    )


def test_each_feature_has_a_live_distribution_and_its_table(page: Page) -> None:
    cards = page.locator("[data-distribution]")
    names = cards.evaluate_all("(all) => all.map((card) => card.dataset.distribution)")
    assert names[: len(CARS.features)] == [*CARS.features]
    for name in CARS.features:
        card = page.locator(f"[data-distribution='{name}']")
        assert card.locator("canvas").evaluate(IS_DRAWN)
        label = card.locator("canvas").get_attribute("aria-label") or ""
        assert label.startswith("Bar chart of" if name in CARS.categorical else "Histogram of")
        card.locator("summary").click()
        expect(card.locator("tbody tr").nth(1)).to_be_visible()
        cells = card.locator("tbody td:nth-child(2)").all_text_contents()
        assert sum(float(cell.removesuffix(" %")) for cell in cells) == pytest.approx(100, abs=1)


def test_each_feature_has_a_distribution_per_window_and_its_table(page: Page) -> None:
    cards = page.locator("[data-window-distribution]")
    names = cards.evaluate_all("(all) => all.map((card) => card.dataset.windowDistribution)")
    assert names[: len(CARS.features)] == [*CARS.features]
    closed = page.locator("#windows tbody tr").count()
    for name in CARS.features:
        card = page.locator(f"[data-window-distribution='{name}']")
        assert card.locator("canvas").evaluate(IS_DRAWN)
        label = card.locator("canvas").get_attribute("aria-label") or ""
        assert label.startswith(
            "Line chart of" if name in CARS.categorical else "Quantile bands of"
        )
        card.locator("summary").click()
        expect(card.locator("tbody tr").first).to_contain_text("reference")
        assert card.locator("tbody tr").count() > min(closed, Scenario().stable_windows)
        cells = card.locator("tbody tr").nth(1).locator("td").all_text_contents()
        numbers = [as_number(cell.removesuffix(" %")) for cell in cells]
        if name in CARS.categorical:
            assert sum(numbers) == pytest.approx(100, abs=0.2)
        else:
            assert numbers == sorted(numbers)
            reference = card.locator("tbody tr").first.locator("td").all_text_contents()
            assert numbers[2] > as_number(reference[2]), "customers are older and richer"


def test_drift_is_marked_by_a_sign_and_its_incident_is_shown(page: Page) -> None:
    expect(page.locator("#state")).to_contain_text("data drift")
    newest = (
        page.locator("#windows .drifted").filter(has_text="▲").first
    )  # a window without rows has none
    expect(newest).to_be_visible()
    expect(page.locator("#incidents")).to_contain_text("data drift since")
    assert "data drift, since" in (
        page.locator("#chart-drift canvas").get_attribute("aria-label") or ""
    )
    expect(page.locator("#timeline")).to_contain_text("data drift, firing")


def test_accuracy_is_shown_with_the_confusion_of_predictions_and_outcomes(page: Page) -> None:
    label = page.locator("#chart-confusion canvas").get_attribute("aria-label") or ""
    assert "predicted yes, was yes" in label
    assert "%" in (page.locator("#chart-accuracy canvas").get_attribute("aria-label") or "")
    for chart in ("accuracy", "confusion", "drift", "latency"):
        assert page.locator(f"#chart-{chart} canvas").evaluate(IS_DRAWN)


def test_the_timeline_shows_lifecycle_events_newest_first(page: Page) -> None:
    titles = page.locator("#timeline b").all_text_contents()
    expected = ["version registered, version 2", "requested"]
    assert [title for title in titles if title in expected] == expected
    assert "promoted, version 2" in titles


def test_links_lead_to_mlflow_and_grafana_and_are_absent_without_an_address(
    page: Page, live_page: LivePage
) -> None:
    nav = page.get_by_role("navigation")
    expect(nav.get_by_role("link", name="Grafana")).to_have_attribute(
        "href", live_page.settings.grafana_url
    )
    assert nav.get_by_role("link", name="Prefect").count() == 0
    model = page.locator("#windows td:nth-child(5) a").first
    address = live_page.url.rstrip("/") + (model.get_attribute("href") or "")
    response = page.request.get(address, max_redirects=0)
    assert response.status == 307
    assert response.headers["location"].startswith("http://127.0.0.1:5000/#/experiments/")
    assert page.request.get(f"{live_page.url}models/no-such", max_redirects=0).status == 404


def test_a_report_opens_in_an_origin_of_its_own(page: Page) -> None:
    page.locator("#windows").get_by_role("link", name="drift").first.click()
    expect(page.get_by_text(CARS.features[0]).first).to_be_visible()
    assert page.evaluate("self.origin") == "null"


def test_a_record_from_the_form_gets_its_prediction_and_latency(page: Page) -> None:
    fill(page)
    page.get_by_role("button", name="Publish and wait").click()
    prediction = page.locator("#result .prediction")
    expect(prediction).to_be_visible()
    text = prediction.inner_text()
    assert text.startswith(("Yes, ", "No, "))
    assert "ms" in text
    expect(page.locator("#result .steps")).to_contain_text("scored by version 1")


def test_a_field_out_of_range_is_named_and_gets_the_focus(page: Page) -> None:
    name = CARS.numerical[-1]
    fill(page, **{name: "-1"})
    page.get_by_role("button", name="Publish and wait").click()
    expect(page.locator("#result")).to_contain_text(name)
    expect(page.get_by_label(name, exact=True)).to_be_focused()


def test_the_form_works_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    fill(page)
    page.get_by_label(CARS.features[-1], exact=True).press("Enter")
    expect(page.locator("#result .prediction")).to_be_visible()


def test_whatever_a_record_contains_is_shown_as_text(page: Page) -> None:
    dead_letters = page.locator("#dead-letters")
    expect(dead_letters).to_contain_text(MALICIOUS)  # in key, value and header
    for details in dead_letters.locator("summary").all():
        details.click()
    expect(dead_letters.locator("code").filter(has_text=MALICIOUS).first).to_be_visible()
    assert dead_letters.locator("img, script").count() == 0
    assert page.evaluate("window.stolen") is None


def test_markup_cannot_be_made_of_text_and_no_foreign_script_runs(
    browser: Browser, live_page: LivePage
) -> None:
    attempts = (
        "document.body.innerHTML = '<b>x</b>'",
        "document.createElement('img').setAttribute('onerror', 'window.stolen = 1')",
        "document.createElement('script').text = 'window.stolen = 1'",
        "setTimeout('window.stolen = 1')",
    )
    with open_page(browser, live_page.url, ignore_errors=True) as page:
        for attempt in attempts:
            error = f"() => {{ try {{ {attempt} }} catch (error) {{ return error.name }} }}"
            assert page.evaluate(error) in {"TypeError", "EvalError"}, attempt
        page.evaluate(
            "() => { const script = document.createElement('script');"
            "script.append('window.stolen = 1'); document.body.append(script) }"
        )
        assert page.evaluate("window.stolen") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(browser: Browser, live_page: LivePage, scheme: str) -> None:
    with open_page(browser, live_page.url, color_scheme=scheme) as page:
        page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true })")
        results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_page_fits_on_a_phone_and_is_accessible_there(
    browser: Browser, live_page: LivePage
) -> None:
    check_on_phone(browser, live_page.url)


def test_screen_readers_announce_nothing_while_the_state_stays_the_same(page: Page) -> None:
    page.evaluate(
        "() => { window.announced = 0;"
        "const observer = new MutationObserver(() => { window.announced += 1 });"
        "document.querySelectorAll('[role=status], [aria-live]').forEach((node) => "
        "observer.observe(node, { childList: true, subtree: true, characterData: true })) }"
    )
    has_changed = "(before) => document.querySelector('#chart-rates canvas').ariaLabel !== before"

    def is_silent() -> bool:
        page.evaluate("() => { window.announced = 0 }")
        for _ in range(3):  # seconds
            label = page.locator("#chart-rates canvas").get_attribute("aria-label")
            wait_until(page, has_changed, label)
        return bool(page.evaluate("window.announced") == 0)

    eventually(is_silent)  # on a busy machine the scorer may lag, and that is announced


def test_the_page_can_be_paused_and_resumed(page: Page) -> None:
    button = page.get_by_role("button", name="Pause")
    button.click()
    expect(page.locator("#state")).to_have_text("paused")
    button.click()
    expect(page.locator("#state")).to_contain_text("live")
