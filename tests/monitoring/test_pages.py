"""What the pages answer beside the live one, without a broker."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contract.errors import BadSetting
from contract.settings import load
from monitoring.settings import MonitoringSettings
from tests.support.pages import NOTHING, a_summary, client


def test_nothing_that_is_told_is_taken_for_markup() -> None:
    evil = '"><script>alert(1)</script>'
    with client(model_name=evil, grafana_url=f"https://grafana/{'<b>'}") as own:
        _, page = own.get("/")
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("address", ["javascript:alert(1)", "grafana", "https://", "//grafana"])
def test_what_is_no_web_address_is_refused_as_a_link(address: str) -> None:
    with pytest.raises(BadSetting, match="INTENT_GRAFANA_URL"):
        load(MonitoringSettings, grafana_url=address)


def test_a_report_can_be_opened_and_nothing_else_of_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "r.html").write_text("a report")
    (tmp_path / "secret").write_text("no report")
    with client(replace(NOTHING, reports=folder)) as own:
        assert own.get("/reports/r.html") == (200, "a report")
        assert own.get("/reports/../secret")[0] == 404
        assert own.get("/reports/%2e%2e/secret")[0] == 404


def test_a_moment_leads_to_the_report_of_the_window_whose_figures_it_has() -> None:
    kept = [
        a_summary(start=30_000, end=40_000, result="too_small"),
        a_summary(start=20_000, end=30_000, report="third.html"),
        a_summary(start=10_000, end=20_000, report="second.html"),
    ]
    with client(replace(NOTHING, summaries=lambda: kept), allowed_lateness=5) as own:
        found = [
            own.ask("GET", f"/windows/{moment}")[2].get("location")
            for moment in (24_999, 25_000, 34_999, 35_000, 99_000)
        ]
        assert own.get("/windows/now")[0] == 404
    second, third = "../reports/second.html", "../reports/third.html"
    assert found == [None, second, second, third, third]


def test_every_answer_tells_browsers_to_run_no_script_but_ours(tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("a report")
    with client(replace(NOTHING, reports=tmp_path)) as own:
        for path in ("/", "/static/main.js", "/windows.json", "/no-such-page", "/metrics"):
            _, _, headers = own.ask("GET", path)
            policy = headers["content-security-policy"]
            assert "default-src 'none'; script-src 'self';" in policy, path
            assert "unsafe" not in policy
        _, _, headers = own.ask("GET", "/reports/r.html")
        assert headers["content-security-policy"].startswith("sandbox allow-scripts")
        assert "allow-same-origin" not in headers["content-security-policy"]


def test_runbooks_of_the_alerts_are_served() -> None:
    with client() as own:
        status, page = own.get("/static/alerts.html")
    assert status == 200
    assert '<h3 id="noscorer">NoScorer</h3>' in page


def test_health_is_that_of_the_main_loop() -> None:
    with client() as own:
        assert own.get("/healthz")[0] == 200
    with client(replace(NOTHING, alive=lambda: False)) as own:
        assert own.get("/healthz")[0] == 503


def test_windows_are_there_as_json() -> None:
    with client(replace(NOTHING, summaries=lambda: [a_summary()])) as own:
        (window,) = json.loads(own.get("/windows.json")[1])
    assert window["rows"] == 1_234
