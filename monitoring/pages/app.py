"""Starlette application of the pages: the live page, windows and reports, /metrics, /healthz."""

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

from contract.settings import schema_of
from monitoring.drift.columns import (
    PREDICTION,
    PROBABILITY,
    feature_columns,
    output_column,
    performance_column,
)
from monitoring.pages.broadcaster import EventBroadcaster, event_response
from monitoring.pages.form import RecordForm, check_form_enabled
from monitoring.pages.form_fields import form_fields
from monitoring.pages.middleware import SecurityHeaders
from monitoring.pages.page_data import PageData
from monitoring.settings import MonitoringSettings
from monitoring.windows.summary import WindowSummary

PAGES_FOLDER: Final = Path(__file__).parent


def create_app(
    settings: MonitoringSettings, data: PageData, broadcaster: EventBroadcaster
) -> Starlette:
    """Creates the application. Its lifespan runs the broadcaster."""
    html = _render_page(settings)
    form = RecordForm(settings, data.test_record)

    def page(_: Request) -> Response:
        return HTMLResponse(html)

    async def events(request: Request) -> Response:
        return event_response(broadcaster, request)

    def windows(_: Request) -> Response:
        return Response(msgspec.json.encode(data.summaries()), media_type="application/json")

    def report(request: Request) -> Response:
        ended_by = request.path_params["time"] - settings.allowed_lateness * 1000
        name = newest_report(data.summaries(), ended_by)
        if name is None:
            return Response("no report is available for this time\n", 404)
        return RedirectResponse(f"../reports/{name}")

    def metrics(_: Request) -> Response:
        return Response(generate_latest(data.registry), media_type=CONTENT_TYPE_LATEST)

    def healthz(_: Request) -> Response:
        healthy = data.is_alive()
        body = {"healthy": healthy, "held_back": data.held_back()}
        return JSONResponse(body, 200 if healthy else 503)

    def model(request: Request) -> Response:
        url = data.mlflow_run_url(request.path_params["version"])
        return RedirectResponse(url) if url else Response("no MLflow page for this version\n", 404)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(broadcaster.run())
        yield
        task.cancel()

    return Starlette(
        routes=[
            Route("/", page),
            Route("/events", events),
            Route("/records", form.post, methods=["POST"]),
            Route("/models/{version}", model),
            Route("/windows.json", windows),
            Route("/windows/{time:float}", report),  # Python limits the digits of an integer
            Route("/metrics", metrics),
            Route("/healthz", healthz),
            Mount("/static", StaticFiles(directory=PAGES_FOLDER / "static")),
            Mount("/reports", StaticFiles(directory=data.reports)),
        ],
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
    )


def newest_report(newest_first: list[WindowSummary], ended_by: float) -> str | None:
    """Returns the name of the newest report of a window that ended by a time; None without one.

    The metrics at that time describe this window.

    Args:
        newest_first: Summaries of the windows.
        ended_by: Time, ms since the epoch.
    """
    reports = (
        summary.report for summary in newest_first if summary.report and summary.end <= ended_by
    )
    return next(reports, None)


def _render_page(settings: MonitoringSettings) -> str:
    """Renders the page's HTML, which is the same for all clients until the process ends."""
    templates = Environment(loader=FileSystemLoader(PAGES_FOLDER), autoescape=True)
    denial = check_form_enabled(settings)
    schema = schema_of(settings)
    fields = form_fields(schema)
    target, features = schema.target, feature_columns(schema)
    config = {
        "drift_columns": [*features, PREDICTION, target.name, performance_column(schema)],
        "features": features,
        "numeric": target.numeric,
        "unit": target.unit,
        "classes": target.labels or [str(value) for value in target.classes],
        "class_labels": dict(zip(map(str, target.classes), target.labels, strict=False)),
        "max_windows": settings.report_retention_count,
        "window_ms": round(settings.window_seconds * 1000),
        "value_ranges": {
            **{each.name: each.range for each in schema.inputs if each.range},
            **({} if target.numeric else {PROBABILITY: [0, 1]}),
        },
        "has_mlflow": bool(settings.mlflow_ui_url),
        "prefect_url": settings.prefect_ui_url.rstrip("/"),
    }
    return templates.get_template("page.html").render(
        settings=settings,
        fields=fields,
        form_denial=denial.message if denial else "",
        columns=[*schema.features, output_column(schema)],
        numeric=target.numeric,
        unit=target.unit,
        config=msgspec.json.encode(config).decode(),
    )
