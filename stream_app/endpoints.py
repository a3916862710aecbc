"""The scorer's HTTP endpoints on Faust's web server: /metrics, /healthz and /readyz."""

from collections.abc import Awaitable, Callable
from typing import Any

import faust
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from contract.http_access import AccessPolicy

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


def access_middleware(access: AccessPolicy) -> Middleware:
    """Middleware that applies the access policy to all requests, those of Faust's own pages too."""

    @web.middleware
    async def check_access(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers
        denial = access.check_request(
            request.path, headers.get("Authorization"), headers.get("Host")
        )
        if denial is None:
            return await handler(request)
        return web.Response(status=denial.status, body=denial.body, headers=denial.headers)

    return check_access


def add_endpoints(
    app: faust.App,
    *,
    metrics: CollectorRegistry,
    find_fault: Callable[[], str],
    is_ready: Callable[[], bool],
    held_back: Callable[[], list[str]],
) -> None:
    """Adds the endpoints to the app.

    Args:
        app: The Faust app.
        metrics: The registry behind /metrics.
        find_fault: Returns what is wrong with the worker; empty if nothing.
        is_ready: Returns whether the worker reads records.
        held_back: Returns what holds back records of this worker, such as an open transaction. It
            is healthy all the same.
    """

    @app.page("/metrics")
    async def serve_metrics(view: Any, _: Any) -> Any:
        return view.bytes(generate_latest(metrics), content_type=CONTENT_TYPE_LATEST.split(";")[0])

    @app.page("/healthz")
    async def serve_health(view: Any, _: Any) -> Any:
        fault = find_fault()
        body = {"healthy": not fault, "fault": fault, "held_back": held_back()}
        return view.json(body, status=503 if fault else 200)

    @app.page("/readyz")
    async def serve_readiness(view: Any, _: Any) -> Any:
        fault = find_fault()
        ready = not fault and is_ready()
        return view.json({"ready": ready, "fault": fault}, status=200 if ready else 503)
