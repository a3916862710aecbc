"""The monitoring's pages without its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from contract.settings import load
from monitoring.live.collector import StreamSnapshot
from monitoring.pages.app import create_app
from monitoring.pages.broadcaster import EventBroadcaster
from monitoring.pages.page_data import PageData
from monitoring.pages.record_tester import RecordResult
from monitoring.pages.server import serve
from monitoring.reporting.window_index import Checkpoint
from monitoring.settings import MonitoringSettings
from monitoring.windows.summary import WindowSummary
from tests.support.builders import eventually
from tests.support.ports import free_ports

EMPTY_PAGE_DATA = PageData(
    summaries=list,
    checkpoint=Checkpoint,
    stream=lambda: StreamSnapshot((), [], None, "1"),
    dead_letters=list,
    lifecycle_events=list,
    mlflow_run_url=lambda _: None,
    test_record=lambda _: RecordResult("page-1", "{}", 0, 0, 0.01),
    is_alive=lambda: True,
    registry=CollectorRegistry(),
    reports=Path(),
)


class Client:
    """HTTP client of a page server on loopback."""

    def __init__(self, port: int, broadcaster: EventBroadcaster) -> None:
        self.port = port
        self.broadcaster = broadcaster

    def get(self, path: str) -> tuple[int, str]:
        """Returns status, 0 without a server, and text."""
        status, text, _ = self.ask("GET", path)
        return status, text

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        """Returns status, 0 without a server, text and headers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return response.status, response.read().decode(), dict(response.getheaders())
        except (OSError, HTTPException):
            return 0, "", {}
        finally:
            connection.close()


@contextmanager
def page_client(
    data: PageData = EMPTY_PAGE_DATA, interval: float = 1.0, **settings: Any
) -> Iterator[Client]:
    """Runs a page server without a monitoring process."""
    broadcaster = EventBroadcaster(data.snapshot, interval)
    app = create_app(load(MonitoringSettings, **settings), data, broadcaster)
    (port,) = free_ports("127.0.0.1", 1)
    stop = serve(app, broadcaster, "127.0.0.1", port)
    try:
        client = Client(port, broadcaster)
        eventually(lambda: client.get("/healthz")[0])
        yield client
    finally:
        stop()


def a_summary(**changes: object) -> WindowSummary:
    defaults = {
        "start": 1_795_459_200_000,
        "end": 1_795_459_210_000,
        "rows": 1_234,
        "predictions": 1_234,
        "joined": 1_234,
        "duplicates": 0,
        "counted_ratio": 1.0,
        "sample_rows": 1_000,
        "result": "reported",
        "model_version": "3",
    }
    return WindowSummary(**{**defaults, **changes})  # type: ignore[arg-type]
