"""The routes: the page, its events and form, windows and reports, /metrics, /healthz."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
from jinja2 import Environment, FileSystemLoader
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from contract.features import CATEGORICAL, FEATURES, NUMERICAL, TARGET
from contract.schema.default import SCHEMA
from monitoring.alerts import COLUMNS as KINDS
from monitoring.drift.columns import CORRECT, OF_RECORDS, PREDICTION, PROBABILITY
from monitoring.pages.board import Board
from monitoring.pages.fields import fields
from monitoring.pages.form import Form
from monitoring.pages.guard import closed
from monitoring.pages.headers import Headers
from monitoring.pages.sources import Sources
from monitoring.pages.stream import stream
from monitoring.settings import MonitoringSettings
from monitoring.windows.summary import Summary

HERE: Final = Path(__file__).parent


def application(settings: MonitoringSettings, sources: Sources, board: Board) -> Starlette:
    """The pages; `board` tells the live one what to show."""
    html = _page(settings)
    form = Form(settings, sources.answer)

    def page(_: Request) -> Response:
        return HTMLResponse(html)

    async def events(_: Request) -> Response:
        return stream(board)

    def windows(_: Request) -> Response:
        return Response(msgspec.json.encode(sources.summaries()), media_type="application/json")

    def report(request: Request) -> Response:
        moment = request.path_params["moment"]
        found = report_at(sources.summaries(), moment - settings.allowed_lateness * 1000)
        if found is None:
            return Response("no window that is kept had a report by then\n", 404)
        return RedirectResponse(f"../reports/{found}")

    def metrics(_: Request) -> Response:
        return Response(generate_latest(sources.registry), media_type=CONTENT_TYPE_LATEST)

    def healthz(_: Request) -> Response:
        healthy = sources.alive()
        return JSONResponse({"healthy": healthy}, 200 if healthy else 503)

    def model(request: Request) -> Response:
        found = sources.run_page(request.path_params["version"])
        return RedirectResponse(found) if found else Response("no such page\n", 404)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(board.run())
        yield
        task.cancel()

    return Starlette(
        routes=[
            Route("/", page),
            Route("/events", events),
            Route("/records", form.post, methods=["POST"]),
            Route("/models/{version}", model),
            Route("/windows.json", windows),
            Route("/windows/{moment:int}", report),
            Route("/metrics", metrics),
            Route("/healthz", healthz),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Mount("/reports", StaticFiles(directory=sources.reports)),
        ],
        middleware=[Middleware(Headers)],
        lifespan=lifespan,
    )


def report_at(newest_first: list[Summary], moment: float) -> str | None:
    """Name of the newest report of a window that had ended at a moment (ms); None if none is kept.

    What `/metrics` tells at that moment is of this window.
    """
    return next((each.report for each in newest_first if each.report and each.end <= moment), None)


def _page(settings: MonitoringSettings) -> str:
    """The page's frame, which is the same for everybody and for as long as the process lives."""
    templates = Environment(loader=FileSystemLoader(HERE), autoescape=True)
    refused = closed(settings)
    told = {
        "columns": [*OF_RECORDS, PREDICTION, TARGET, CORRECT],
        "pictures": [*CATEGORICAL, *NUMERICAL, PROBABILITY],
        "features": OF_RECORDS,
        "classes": SCHEMA.target.labels or [str(each) for each in SCHEMA.target.classes],
        "answers": dict(zip(map(str, SCHEMA.target.classes), SCHEMA.target.labels, strict=False)),
        "kinds": KINDS,
        "model": settings.model_name,
        "kept": settings.report_retention_count,
        "windowMs": round(settings.window_seconds * 1000),
        "minRows": settings.window_min_rows,
        "bounds": {
            **{each.name: [each.least, each.most] for each in fields() if not each.choices},
            PROBABILITY: [0, 1],
        },
        "mlflow": bool(settings.mlflow_ui_url),
        "prefect": settings.prefect_ui_url.rstrip("/"),
    }
    return templates.get_template("page.html").render(
        settings=settings,
        fields=fields(),
        refused=refused.words if refused else "",
        pictures=[*FEATURES, PROBABILITY],
        told=msgspec.json.encode(told).decode(),
    )
