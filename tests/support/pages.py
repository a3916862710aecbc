"""The monitoring's pages without its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from contract.settings import load
from monitoring.live.live import Now
from monitoring.pages.board import Board
from monitoring.pages.page import application
from monitoring.pages.server import serve
from monitoring.pages.sources import Sources
from monitoring.pages.trial import Answer
from monitoring.reporting.window_index import Progress
from monitoring.settings import MonitoringSettings
from monitoring.windows.summary import Summary
from tests.support.builders import eventually
from tests.support.ports import free_ports

NOTHING = Sources(
    summaries=list,
    progress=Progress,
    now=lambda: Now((), [], None, "1"),
    letters=list,
    steps=list,
    run_page=lambda _: None,
    answer=lambda _: Answer("page-1", "{}", 0, 0, 0.01),
    alive=lambda: True,
    registry=CollectorRegistry(),
    reports=Path(),
)


class Client:
    """Asks a server on loopback for pages."""

    def __init__(self, port: int, board: Board) -> None:
        self.port = port
        self.board = board

    def get(self, path: str) -> tuple[int, str]:
        """Status, 0 while nobody answers, and text."""
        status, text, _ = self.ask("GET", path)
        return status, text

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        """Status, 0 while nobody answers, text and headers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        except (OSError, HTTPException):
            return 0, "", {}
        finally:
            connection.close()


@contextmanager
def client(sources: Sources = NOTHING, every: float = 1.0, **settings: Any) -> Iterator[Client]:
    board = Board(sources.parts, every)
    pages = application(load(MonitoringSettings, **settings), sources, board)
    (port,) = free_ports("127.0.0.1", 1)
    stop = serve(pages, board, "127.0.0.1", port)
    try:
        own = Client(port, board)
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
