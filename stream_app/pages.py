"""What the scorer answers over HTTP: /metrics, /healthz and /readyz, on Faust's web server."""

from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

if TYPE_CHECKING:
    from stream_app.app import ScorerApp


def add_pages(app: "ScorerApp") -> None:
    """Adds the pages to the app."""

    @app.page("/metrics")
    async def metrics(view: Any, _: Any) -> Any:
        body = generate_latest(app.pipeline.metrics.registry) if app.pipeline else b""
        return view.bytes(body, content_type=CONTENT_TYPE_LATEST.split(";")[0])

    @app.page("/healthz")
    async def healthz(view: Any, _: Any) -> Any:
        failed = app.pump is not None and app.pump.failure is not None
        return view.json({"healthy": not failed}, status=503 if failed else 200)

    @app.page("/readyz")
    async def readyz(view: Any, _: Any) -> Any:
        ready = app.pump is not None and app.pump.ready
        return view.json({"ready": ready}, status=200 if ready else 503)
