"""The page shows windows as they are, whatever is in them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from prometheus_client import CollectorRegistry

from compose.local.ports import free_ports
from monitoring.pages.page import application, serve
from monitoring.reports.summary import Column, Summary
from tests.builders import eventually


class Client:
    """Asks a server on loopback for pages."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str) -> tuple[int, str]:
        """Status, 0 while nobody answers, and text."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):
            return 0, ""
        finally:
            connection.close()


@contextmanager
def client(folder: Path, *summaries: Summary, alive: bool = True) -> Iterator[Client]:
    pages = application(lambda: list(summaries), CollectorRegistry(), folder, lambda: alive)
    (port,) = free_ports("127.0.0.1", 1)
    stop = serve(pages, "127.0.0.1", port)
    try:
        own = Client(port)
        eventually(lambda: own.get("/healthz")[0])
        yield own
    finally:
        stop()


def a_summary(**changes: object) -> Summary:
    known = {
        "start": 1_795_459_200_000,
        "end": 1_795_459_210_000,
        "rows": 1_234,
        "predictions": 1_234,
        "joined": 1_234,
        "duplicates": 0,
        "counted_share": 1.0,
        "sample_rows": 1_000,
        "result": "reported",
        "model_version": "3",
    }
    return Summary(**{**known, **changes})  # type: ignore[arg-type]


def test_a_drifted_column_is_marked_by_more_than_its_colour(tmp_path: Path) -> None:
    age = Column(True, 0.48, 9.0, 0.5, "Age is 5.1 years higher.")
    with client(tmp_path, a_summary(columns={"Age": age}, dataset_drift=True)) as own:
        _, page = own.get("/")
    assert "+0.48" in page
    assert "▲" in page
    assert "Age is 5.1 years higher." in page
    assert "2026-11-23 18:40:00" in page


def test_nothing_in_a_window_is_taken_for_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    age = Column(False, 0.0, 0.0, None, evil)
    with client(tmp_path, a_summary(model_version=evil, columns={"Age": age})) as own:
        _, page = own.get("/")
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_a_report_can_be_opened_and_nothing_else_of_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "r.html").write_text("a report")
    (tmp_path / "secret").write_text("no report")
    with client(folder, a_summary(report="r.html")) as own:
        assert 'href="/reports/r.html"' in own.get("/")[1]
        assert own.get("/reports/r.html") == (200, "a report")
        assert own.get("/reports/../secret")[0] == 404
        assert own.get("/reports/%2e%2e/secret")[0] == 404


def test_health_is_that_of_the_main_loop(tmp_path: Path) -> None:
    with client(tmp_path) as own:
        assert own.get("/healthz")[0] == 200
    with client(tmp_path, alive=False) as own:
        assert own.get("/healthz")[0] == 503


def test_windows_are_there_as_json(tmp_path: Path) -> None:
    with client(tmp_path, a_summary()) as own:
        (window,) = json.loads(own.get("/windows.json")[1])
    assert window["rows"] == 1_234
