"""Responses of the page server without a broker."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contract.errors import BadSetting
from contract.settings import load
from monitoring.settings import MonitoringSettings
from tests.support.pages import EMPTY_PAGE_DATA, a_summary, page_client


def test_settings_are_never_interpreted_as_markup() -> None:
    markup = '"><script>alert(1)'
    with page_client(model_name=markup, grafana_url=f"https://grafana/{'<b>'}") as client:
        _, page = client.get("/")
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("address", ["javascript:alert(1)", "grafana", "https://", "//grafana"])
def test_a_setting_that_is_no_web_address_is_rejected(address: str) -> None:
    with pytest.raises(BadSetting, match="INTENT_GRAFANA_URL"):
        load(MonitoringSettings, grafana_url=address)


def test_reports_are_served_and_no_other_file(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "r.html").write_text("a report")
    (tmp_path / "secret").write_text("no report")
    with page_client(replace(EMPTY_PAGE_DATA, reports=folder)) as client:
        assert client.get("/reports/r.html") == (200, "a report")
        assert client.get("/reports/../secret")[0] == 404
        assert client.get("/reports/%2e%2e/secret")[0] == 404


def test_a_time_leads_to_the_report_of_the_window_that_its_metrics_describe() -> None:
    summaries = [
        a_summary(start=30_000, end=40_000, result="too_small"),
        a_summary(start=20_000, end=30_000, report="third.html"),
        a_summary(start=10_000, end=20_000, report="second.html"),
    ]
    with page_client(
        replace(EMPTY_PAGE_DATA, summaries=lambda: summaries), allowed_lateness=5
    ) as client:
        locations = [
            client.ask("GET", f"/windows/{time}")[2].get("location")
            for time in (24_999, 25_000, 34_999, 35_000, 99_000)
        ]
        assert client.get("/windows/now")[0] == 404
    second, third = "../reports/second.html", "../reports/third.html"
    assert locations == [None, second, second, third, third]


def test_every_response_has_a_policy_that_allows_only_the_pages_own_scripts(tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("a report")
    with page_client(replace(EMPTY_PAGE_DATA, reports=tmp_path)) as client:
        for path in ("/", "/static/main.js", "/windows.json", "/no-such-page", "/metrics"):
            _, _, headers = client.ask("GET", path)
            policy = headers["content-security-policy"]
            assert "default-src 'none'; script-src 'self';" in policy, path
            assert "unsafe" not in policy
        _, _, headers = client.ask("GET", "/reports/r.html")
        assert headers["content-security-policy"].startswith("sandbox allow-scripts")
        assert "allow-same-origin" not in headers["content-security-policy"]


def test_runbooks_of_the_alerts_are_served() -> None:
    with page_client() as client:
        status, page = client.get("/static/alerts.html")
    assert status == 200
    assert '<h3 id="noscorer">NoScorer</h3>' in page


def test_health_is_that_of_the_main_loop() -> None:
    with page_client() as client:
        assert client.get("/healthz")[0] == 200
    with page_client(replace(EMPTY_PAGE_DATA, is_alive=lambda: False)) as client:
        assert client.get("/healthz")[0] == 503


def test_health_says_what_holds_back_records() -> None:
    with page_client(replace(EMPTY_PAGE_DATA, held_back=lambda: ["no registry"])) as client:
        status, body = client.get("/healthz")
    assert (status, json.loads(body)) == (200, {"healthy": True, "held_back": ["no registry"]})


def test_windows_are_served_as_json() -> None:
    with page_client(replace(EMPTY_PAGE_DATA, summaries=lambda: [a_summary()])) as client:
        (window,) = json.loads(client.get("/windows.json")[1])
    assert window["rows"] == 1_234
