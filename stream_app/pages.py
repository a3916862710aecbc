"""What the scorer answers over HTTP: /metrics, /healthz and /readyz, on Faust's web server."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from contract.http_access import AccessPolicy
from contract.partition_watch import OpenTransaction
from stream_app.scorer_app import ScorerApp

SICK: Final = 0.5
"""Share of its time that a batch may take before the pages call the worker stuck."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


def guarding(access: AccessPolicy) -> Middleware:
    """Has Faust's web server answer only those whom the guard admits, on its own pages too."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers
        denial = access.check_request(
            request.path, headers.get("Authorization"), headers.get("Host")
        )
        if denial is None:
            return await handler(request)
        return web.Response(status=denial.status, body=denial.body, headers=denial.headers)

    return guarded


def add_pages(app: ScorerApp) -> None:
    """Adds the pages to the app."""

    @app.page("/metrics")
    async def metrics(view: Any, _: Any) -> Any:
        body = generate_latest(app.pipeline.metrics.registry) if app.pipeline else b""
        return view.bytes(body, content_type=CONTENT_TYPE_LATEST.split(";")[0])

    @app.page("/healthz")
    async def healthz(view: Any, _: Any) -> Any:
        fault = _fault(app)
        held = [each.describe() for each in _open_transactions(app)]
        body = {"healthy": not fault, "fault": fault, "held_back": held}
        return view.json(body, status=503 if fault else 200)

    @app.page("/readyz")
    async def readyz(view: Any, _: Any) -> Any:
        fault = _fault(app)
        ready = not fault and app.pump is not None and app.pump.ready
        return view.json({"ready": ready, "fault": fault}, status=200 if ready else 503)


def _fault(app: ScorerApp) -> str:
    """What is wrong; nothing is where there is no record to score, or the worker is starting."""
    if app.pump is None:
        return ""
    if app.pump.failure is not None:
        return str(app.pump.failure)
    progress = app.pump.progress
    if progress.seconds > SICK * app.settings.progress_timeout:
        return progress.describe()
    return ""


def _open_transactions(app: ScorerApp) -> tuple[OpenTransaction, ...]:
    """Those that hold back a partition of this worker. It is healthy all the same."""
    return app.pipeline.batches.open_transactions if app.pipeline else ()
