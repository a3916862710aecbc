"""What the monitoring answers over HTTP: page, reports, /windows.json, /metrics, /healthz."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import uvicorn
from jinja2 import Environment, FileSystemLoader
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from contract.features import FEATURES, TARGET
from contract.process import check_port
from monitoring.drift.columns import CORRECT, PREDICTION
from monitoring.expected.interval import Interval
from monitoring.reports.summary import Summary

COLUMNS: Final = (*FEATURES, PREDICTION, TARGET, CORRECT)


def application(
    summaries: Callable[[], list[Summary]],
    registry: CollectorRegistry,
    reports: Path,
    alive: Callable[[], bool],
) -> Starlette:
    """The pages over the latest windows (newest first), the metrics and the folder of reports."""
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    templates.filters |= {"utc": _utc, "share": _share, "interval": _interval}
    template = templates.get_template("page.html")

    def page(_: Request) -> Response:
        return HTMLResponse(template.render(windows=summaries(), columns=COLUMNS))

    def windows(_: Request) -> Response:
        return Response(msgspec.json.encode(summaries()), media_type="application/json")

    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def healthz(_: Request) -> Response:
        healthy = alive()
        return JSONResponse({"healthy": healthy}, 200 if healthy else 503)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/windows.json", windows),
            Route("/metrics", metrics),
            Route("/healthz", healthz),
            Mount("/reports", StaticFiles(directory=reports)),
        ]
    )


def serve(pages: ASGIApp, host: str, port: int) -> Callable[[], None]:
    """Serves the pages from a thread; returns what stops it. Raises `PortTaken`."""
    check_port(host, port)
    config = uvicorn.Config(
        pages,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="pages", daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()

    return stop


def _utc(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _interval(value: Interval | None) -> str:
    if value is None:
        return "-"
    return f"{value.value:.1%} ({value.low:.1%} to {value.high:.1%})"
