"""The live page in a real browser, over a real broker, scorer and monitoring."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from contract.features import CATEGORICAL, FEATURES, NUMERICAL
from tests.monitoring.page.browsing import DRAWN, PHONE, known, opened, until
from tests.monitoring.page.stage import EVIL, Play, Stage
from tests.support.builders import eventually


def as_number(text: str | None) -> float:
    return float((text or "").replace(",", ""))


def fill(page: Page, **changes: str) -> None:
    """Fills the form with an ordinary customer, as the form itself describes one."""
    for name in FEATURES:
        field = page.get_by_label(name, exact=True)
        if name in NUMERICAL:
            least = as_number(field.get_attribute("min"))
            field.fill(changes.get(name, str(least + 40)))
        else:
            field.select_option(index=1)


def test_the_stream_is_shown_second_by_second(page: Page) -> None:
    expect(page.locator("#version")).to_have_text("1")
    for name in ("arrived", "answered"):
        until(page, "(id) => Number(document.getElementById(id).textContent) > 10", name)
    for name in ("lag", "p50", "p99"):
        known(page, name)
    before = page.evaluate("document.querySelector('#chart-rate canvas').ariaLabel")
    assert "records a second arrive now" in before
    page.locator("#chart-rate summary").click()
    first = page.locator("#chart-rate tbody th").first
    was = first.text_content()
    until(page, "(was) => document.querySelector('#chart-rate tbody th').textContent !== was", was)


def test_each_feature_has_its_picture_and_the_same_as_a_table(page: Page) -> None:
    shown = page.locator("[data-column]").evaluate_all("(all) => all.map((x) => x.dataset.column)")
    assert shown[: len(FEATURES)] == [*FEATURES]
    for name in FEATURES:
        card = page.locator(f"[data-column='{name}']")
        assert card.locator("canvas").evaluate(DRAWN)
        words = card.locator("canvas").get_attribute("aria-label") or ""
        assert words.startswith("Bars of" if name in CATEGORICAL else "Histogram of")
        card.locator("summary").click()
        expect(card.locator("tbody tr").nth(1)).to_be_visible()
        cells = card.locator("tbody td:nth-child(2)").all_text_contents()
        assert sum(float(cell.removesuffix(" %")) for cell in cells) == pytest.approx(100, abs=1)


def test_each_feature_is_followed_over_the_windows_and_the_same_is_a_table(page: Page) -> None:
    shown = page.locator("[data-spread]").evaluate_all("(all) => all.map((x) => x.dataset.spread)")
    assert shown[: len(FEATURES)] == [*FEATURES]
    closed = page.locator("#windows tbody tr").count()
    for name in FEATURES:
        card = page.locator(f"[data-spread='{name}']")
        assert card.locator("canvas").evaluate(DRAWN)
        words = card.locator("canvas").get_attribute("aria-label") or ""
        assert words.startswith("Lines of" if name in CATEGORICAL else "Bands of quantiles of")
        card.locator("summary").click()
        expect(card.locator("tbody tr").first).to_contain_text("reference")
        assert card.locator("tbody tr").count() > min(closed, Play().calm)
        cells = card.locator("tbody tr").nth(1).locator("td").all_text_contents()
        numbers = [as_number(cell.removesuffix(" %")) for cell in cells]
        if name in CATEGORICAL:
            assert sum(numbers) == pytest.approx(100, abs=0.2)
        else:
            assert numbers == sorted(numbers)
            reference = card.locator("tbody tr").first.locator("td").all_text_contents()
            assert numbers[2] > as_number(reference[2]), "customers are older and richer"


def test_drift_is_marked_by_more_than_its_colour_and_its_episode_is_told_of(page: Page) -> None:
    expect(page.locator("#state")).to_contain_text("data drift")
    newest = (
        page.locator("#windows .drifted").filter(has_text="▲").first
    )  # one without rows has none
    expect(newest).to_be_visible()
    expect(page.locator("#episodes")).to_contain_text("data drift since")
    assert "data drift, since" in (
        page.locator("#chart-drift canvas").get_attribute("aria-label") or ""
    )
    expect(page.locator("#timeline")).to_contain_text("data drift began")


def test_accuracy_is_shown_with_what_came_of_the_predictions(page: Page) -> None:
    words = page.locator("#chart-outcomes canvas").get_attribute("aria-label") or ""
    assert "said yes, was yes" in words
    assert "%" in (page.locator("#chart-accuracy canvas").get_attribute("aria-label") or "")
    for chart in ("accuracy", "outcomes", "drift", "delay"):
        assert page.locator(f"#chart-{chart} canvas").evaluate(DRAWN)


def test_the_timeline_tells_the_steps_of_a_models_life_newest_first(page: Page) -> None:
    titles = page.locator("#timeline b").all_text_contents()
    steps = [each for each in titles if each in {"requested", "trained, version 2"}]
    assert steps == ["trained, version 2", "requested"]
    assert "promoted, version 2" in titles


def test_links_lead_to_reports_to_mlflow_and_to_grafana_and_nowhere_that_is_not_set(
    page: Page, stage: Stage
) -> None:
    nav = page.get_by_role("navigation")
    expect(nav.get_by_role("link", name="Grafana")).to_have_attribute(
        "href", stage.settings.grafana_url
    )
    assert nav.get_by_role("link", name="Prefect").count() == 0
    model = page.locator("#windows td:nth-child(5) a").first
    address = stage.url.rstrip("/") + (model.get_attribute("href") or "")
    answer = page.request.get(address, max_redirects=0)
    assert answer.status == 307
    assert answer.headers["location"].startswith("http://127.0.0.1:5000/#/experiments/")
    assert page.request.get(f"{stage.url}models/no-such", max_redirects=0).status == 404


def test_a_report_opens_and_can_reach_nothing_of_the_page(page: Page) -> None:
    page.locator("#windows").get_by_role("link", name="drift").first.click()
    expect(page.get_by_text(FEATURES[0]).first).to_be_visible(timeout=30_000)
    assert page.evaluate("self.origin") == "null"


def test_a_record_from_the_form_comes_back_through_the_topics_with_its_time(page: Page) -> None:
    fill(page)
    page.get_by_role("button", name="Publish and wait").click()
    verdict = page.locator("#answer .verdict")
    expect(verdict).to_be_visible(timeout=15_000)
    words = verdict.inner_text()
    assert words.startswith(("Yes, ", "No, "))
    assert "ms" in words
    expect(page.locator("#answer .way")).to_contain_text("scored by version 1")


def test_a_field_out_of_its_range_is_named_and_gets_the_focus(page: Page) -> None:
    name = NUMERICAL[-1]
    fill(page, **{name: "-1"})
    page.get_by_role("button", name="Publish and wait").click()
    expect(page.locator("#answer")).to_contain_text(name)
    expect(page.get_by_label(name, exact=True)).to_be_focused()


def test_the_form_is_published_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the figures")).to_be_focused()
    fill(page)
    page.get_by_label(FEATURES[-1], exact=True).press("Enter")
    expect(page.locator("#answer .verdict")).to_be_visible(timeout=15_000)


def test_whatever_a_record_contains_is_shown_as_text(page: Page) -> None:
    letters = page.locator("#letters")
    expect(letters).to_contain_text(EVIL)  # in key, value and header
    for details in letters.locator("summary").all():
        details.click()
    expect(letters.locator("code").filter(has_text=EVIL).first).to_be_visible()
    assert letters.locator("img, script").count() == 0
    assert page.evaluate("window.stolen") is None


def test_markup_cannot_be_made_of_text_and_no_foreign_script_runs(
    browser: Browser, stage: Stage
) -> None:
    tries = (
        "document.body.innerHTML = '<b>x</b>'",
        "document.createElement('img').setAttribute('onerror', 'window.stolen = 1')",
        "document.createElement('script').text = 'window.stolen = 1'",
        "setTimeout('window.stolen = 1')",
    )
    with opened(browser, stage.url, forgiving=True) as page:
        for each in tries:
            refused = f"() => {{ try {{ {each} }} catch (fault) {{ return fault.name }} }}"
            assert page.evaluate(refused) in {"TypeError", "EvalError"}, each
        page.evaluate(
            "() => { const made = document.createElement('script');"
            "made.append('window.stolen = 1'); document.body.append(made) }"
        )
        assert page.evaluate("window.stolen") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_people_with_disabilities_can_use_it(browser: Browser, stage: Stage, scheme: str) -> None:
    with opened(browser, stage.url, color_scheme=scheme) as page:
        for each in page.locator("summary").all():
            each.click()
        found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_phone_shows_it_without_scrolling_sideways(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage.url, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_what_is_read_aloud_stays_quiet_while_nothing_happens(page: Page) -> None:
    page.evaluate(
        "() => { window.heard = 0; const ear = new MutationObserver(() => { window.heard += 1 });"
        "document.querySelectorAll('[role=status], [aria-live]').forEach((each) => "
        "ear.observe(each, { childList: true, subtree: true, characterData: true })) }"
    )
    told = "(was) => document.querySelector('#chart-rate canvas').ariaLabel !== was"

    def is_quiet() -> bool:
        page.evaluate("() => { window.heard = 0 }")
        for _ in range(3):  # so many seconds of figures
            until(page, told, page.locator("#chart-rate canvas").get_attribute("aria-label"))
        return bool(page.evaluate("window.heard") == 0)

    eventually(is_quiet)  # on a busy machine the scorer may lag for a moment, and that is told


def test_it_can_be_paused_and_goes_on(page: Page) -> None:
    button = page.get_by_role("button", name="Pause")
    button.click()
    expect(page.locator("#state")).to_have_text("paused")
    button.click()
    expect(page.locator("#state")).to_contain_text("live")
